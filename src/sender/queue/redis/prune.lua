-- Forgets a portion of what was finished long ago.
--
-- ARGV[1]: the time before which it was
-- Returns how many deliveries were forgotten, and how many events that had none.

local PORTION = 200

local function long_ago(index)
    return redis.call("ZRANGEBYSCORE", index, "-inf", "(" .. ARGV[1], "LIMIT", 0, PORTION)
end

local function forget_delivery(id, state)
    local delivery = "dealix:delivery:" .. id
    local event_id = redis.call("HGET", delivery, "event_id")
    redis.call("DEL", delivery, "dealix:attempts:" .. id)
    redis.call("ZREM", "dealix:deliveries", id)
    redis.call("ZREM", "dealix:" .. state, id)
    if not event_id then
        return
    end
    local event = "dealix:event:" .. event_id
    redis.call("HDEL", event, id)
    -- Nothing but the envelope is left.
    if redis.call("HLEN", event) == 1 then
        redis.call("DEL", event)
    end
end

local deliveries = 0
for _, state in ipairs({ "delivered", "dead_letter" }) do
    for _, id in ipairs(long_ago("dealix:" .. state)) do
        forget_delivery(id, state)
        deliveries = deliveries + 1
    end
end

local events = long_ago("dealix:events_without_deliveries")
for _, id in ipairs(events) do
    redis.call("DEL", "dealix:event:" .. id)
    redis.call("ZREM", "dealix:events_without_deliveries", id)
end
return { deliveries, #events }
