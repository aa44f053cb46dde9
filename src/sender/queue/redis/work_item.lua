-- KEYS[1]: a delivery
-- Returns the delivery, the envelope and the subscription; nothing where there is no such delivery.

local event_id, subscription_id = unpack(redis.call("HMGET", KEYS[1], "event_id", "subscription_id"))
if not event_id then
    return nil
end
return {
    redis.call("HGETALL", KEYS[1]),
    redis.call("HGET", "dealix:event:" .. event_id, "envelope"),
    redis.call("HGETALL", "dealix:subscription:" .. subscription_id),
}
