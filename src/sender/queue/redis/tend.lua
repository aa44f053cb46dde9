-- Hands apalis the tasks that have become due, and forgets those that it has done: the log of attempts is ours. Both in
-- portions, so that nobody waits for long, and no call has more arguments than Lua can pass on.
--
-- KEYS[1]: what apalis' keys begin with
-- ARGV[1]: the time
-- ARGV[2]: the worker's name
-- Returns whether there is more to do.

local PORTION = 1000
local apalis = KEYS[1]

local due = redis.call("ZRANGEBYSCORE", "dealix:scheduled", "-inf", ARGV[1], "LIMIT", 0, PORTION)
if #due > 0 then
    redis.call("RPUSH", apalis .. ":active", unpack(due))
    redis.call("ZREM", "dealix:scheduled", unpack(due))
end

local done = redis.call("SPOP", apalis .. ":done", PORTION)
for _, id in ipairs(done) do
    redis.call("HDEL", apalis .. ":data", id)
    redis.call("DEL", apalis .. ":meta:" .. id)
end

-- apalis never forgets what it noted of a worker.
redis.call("EXPIRE", apalis .. ":workers:metadata:" .. ARGV[2], 86400)
return #due == PORTION or #done == PORTION
