-- Puts back what a worker fetched and did not acknowledge, at once rather than when it is taken for dead.
--
-- KEYS[1]: what apalis' keys begin with
-- ARGV[1]: the worker's name, whose attempts have all ended

local apalis = KEYS[1]
local fetched = apalis .. ":inflight:" .. ARGV[1]
for _, id in ipairs(redis.call("SMEMBERS", fetched)) do
    redis.call("RPUSH", apalis .. ":active", id)
end
redis.call("DEL", fetched, apalis .. ":workers:metadata:" .. ARGV[1])
redis.call("ZREM", apalis .. ":workers", ARGV[1])
