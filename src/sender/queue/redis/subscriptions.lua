-- KEYS[1]: a sorted set of subscriptions' ids
-- Returns these subscriptions, in its order.

local subscriptions = {}
for _, id in ipairs(redis.call("ZRANGE", KEYS[1], 0, -1)) do
    subscriptions[#subscriptions + 1] = redis.call("HGETALL", "dealix:subscription:" .. id)
end
return subscriptions
