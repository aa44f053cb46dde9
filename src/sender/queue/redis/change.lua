-- Makes one change to our records and to apalis' queue. A script runs alone, and what it writes reaches the disk as one
-- transaction: a change is there wholly or not at all. A script that fails half-way is not undone, so nothing here can
-- fail but the first write: where memory has run out, Redis refuses what may take more of it, and such a write comes
-- first.
--
-- KEYS[1]: what apalis' keys begin with
-- ARGV[1]: which change
-- ARGV[2]: what it consists of, in JSON
-- ARGV[3]: what is stored as it is: the envelope, or the attempt for the log
-- Returns how many records it found to change.
--
-- dealix:subscription:<id>         hash, as SQL's tables have it; null is left out, as in all of them
-- dealix:subscriptions[:customer]  sorted set of ids by created_at
-- dealix:event:<id>                hash: the envelope, and a field for each delivery that there is
-- dealix:events_without_deliveries sorted set of ids by created_at
-- dealix:delivery:<id>             hash
-- dealix:deliveries                sorted set of ids by created_at, negative: the newest first
-- dealix:pending                   sorted set of ids by next_attempt_at
-- dealix:delivered, :dead_letter   sorted sets of ids by finished_at
-- dealix:attempts:<delivery>       list of the log's lines, in JSON
-- dealix:scheduled                 sorted set of apalis' tasks by when they are due

local apalis = KEYS[1]
local change = cjson.decode(ARGV[2])
local stored = ARGV[3]

local function subscription_key(id)
    return "dealix:subscription:" .. id
end

local function delivery_key(id)
    return "dealix:delivery:" .. id
end

local function write(key, fields)
    local set, deleted = {}, {}
    for field, value in pairs(fields) do
        if value == cjson.null then
            deleted[#deleted + 1] = field
        else
            set[#set + 1] = field
            set[#set + 1] = value
        end
    end
    redis.call("HSET", key, unpack(set))
    if #deleted > 0 then
        redis.call("HDEL", key, unpack(deleted))
    end
end

local function move(delivery_id, from, to, score)
    redis.call("ZADD", "dealix:" .. to, score, delivery_id)
    if from ~= to then
        redis.call("ZREM", "dealix:" .. from, delivery_id)
    end
end

-- In apalis' form, except for what is due later: apalis promotes all that has become due in one call, which fails for
-- more than 8,000 tasks, for good. `tend.lua` promotes them in its stead.
local function push_task(delivery_id, attempt, at)
    local id = redis.call("INCR", "dealix:last_task")
    local task = cjson.encode({ delivery_id = delivery_id, attempt = attempt })
    redis.call("HSET", apalis .. ":data", id, task)
    redis.call("HSET", apalis .. ":meta:" .. id, "attempts", 0, "max_attempts", 1, "status", "Pending")
    if at then
        redis.call("ZADD", "dealix:scheduled", at, id)
    else
        redis.call("RPUSH", apalis .. ":active", id)
    end
end

local changes = {}

function changes.add_subscription()
    write(subscription_key(change.id), change)
    redis.call("ZADD", "dealix:subscriptions", change.created_at, change.id)
    redis.call("ZADD", "dealix:subscriptions:" .. change.customer_id, change.created_at, change.id)
    return 1
end

function changes.set_secrets()
    local key = subscription_key(change.subscription_id)
    if redis.call("HGET", key, "secrets") ~= change.expected then
        return 0
    end
    redis.call("HSET", key, "secrets", change.secrets)
    return 1
end

function changes.enable()
    local key = subscription_key(change.subscription_id)
    if redis.call("EXISTS", key) == 0 then
        return 0
    end
    write(key, { enabled = 1, disabled_reason = cjson.null, failing_since = cjson.null })
    return 1
end

local function disable(subscription_id, reason)
    local key = subscription_key(subscription_id)
    if redis.call("HGET", key, "enabled") ~= "1" then
        return 0
    end
    write(key, { enabled = 0, disabled_reason = reason })
    return 1
end

function changes.disable()
    return disable(change.subscription_id, change.reason)
end

function changes.enqueue()
    local event = "dealix:event:" .. change.event_id
    if redis.call("EXISTS", event) == 1 then
        return 0
    end
    redis.call("HSET", event, "envelope", stored)
    if #change.deliveries == 0 then
        redis.call("ZADD", "dealix:events_without_deliveries", change.created_at, change.event_id)
    end
    for _, delivery in ipairs(change.deliveries) do
        local id = delivery.delivery_id
        write(delivery_key(id), delivery)
        redis.call("HSET", event, id, "")
        redis.call("ZADD", "dealix:deliveries", -delivery.created_at, id)
        redis.call("ZADD", "dealix:pending", delivery.next_attempt_at, id)
        push_task(id, 1)
    end
    return 1
end

local function record_health(health)
    local key = subscription_key(health.subscription_id)
    if health.news == "works" then
        redis.call("HDEL", key, "failing_since")
    elseif health.news == "fails" then
        redis.call("HSETNX", key, "failing_since", health.since)
    elseif health.failing_since == cjson.null or redis.call("HGET", key, "failing_since") == tostring(health.failing_since) then
        disable(health.subscription_id, health.reason)
    end
end

function changes.record()
    local id, after = change.delivery_id, change.delivery
    local state, attempts = unpack(redis.call("HMGET", delivery_key(id), "state", "attempts"))
    if not state then
        return 0
    end
    if redis.call("LPOS", "dealix:attempts:" .. id, stored) then
        -- This very change was written before, and only Redis' answer was lost.
        return 1
    end
    redis.call("RPUSH", "dealix:attempts:" .. id, stored)
    local is_first = state == "pending" and tonumber(attempts) == after.attempts - 1
    if is_first then
        write(delivery_key(id), after)
        move(id, state, after.state, change.score)
        if after.state == "pending" then
            push_task(id, after.attempts + 1, after.next_attempt_at)
        end
    end
    if change.health ~= cjson.null then
        record_health(change.health)
    end
    return is_first and 1 or 0
end

function changes.abandon()
    local id = change.delivery_id
    local state, attempts = unpack(redis.call("HMGET", delivery_key(id), "state", "attempts"))
    if state ~= "pending" or tonumber(attempts) ~= change.attempt - 1 then
        return 0
    end
    write(delivery_key(id), {
        state = "dead_letter",
        next_attempt_at = cjson.null,
        finished_at = change.now,
        status_code = cjson.null,
        error = change.reason,
    })
    move(id, "pending", "dead_letter", change.now)
    return 1
end

function changes.defer()
    push_task(change.delivery_id, change.attempt, change["until"])
    return 1
end

function changes.replay()
    local id = change.delivery_id
    local state, attempts = unpack(redis.call("HMGET", delivery_key(id), "state", "attempts"))
    if not state or state == "pending" then
        return 0
    end
    write(delivery_key(id), {
        state = "pending",
        attempts_before_replay = attempts,
        next_attempt_at = change.now,
        finished_at = cjson.null,
    })
    move(id, state, "pending", change.now)
    push_task(id, attempts + 1)
    return 1
end

return changes[ARGV[1]]()
