"""What Redis does in one step. Each script is one round trip, and nothing happens in the middle of it.

The changes are one hash: `@generation`, `@number` and, by scope, at which number it changed last. Without it,
flushed or evicted as a whole, nothing is known, and a new generation begins that no older answer is of.
"""

ASK = """
-- KEYS: answer, lock, changes. ARGV: token, milliseconds of a lock, of staleness, since generation, number.
local now = redis.call('HMGET', KEYS[3], '@generation', '@number')
if not now[1] then
    redis.call('HSET', KEYS[3], '@generation', ARGV[1], '@number', 0)
    now = {ARGV[1], '0'}
end
local kept = redis.call('HMGET', KEYS[1], 'passing', 'generation', 'number', 'scopes')
if kept[1] then return {'passing'} end

local function is_right()
    if kept[2] ~= now[1] then return false end
    local made = tonumber(kept[3])
    -- What was begun after the asker came is right for the asker, whatever has changed since.
    if ARGV[4] == now[1] and made >= tonumber(ARGV[5]) then return true end
    for scope in string.gmatch(kept[4], '%S+') do
        local changed = redis.call('HGET', KEYS[3], scope)
        if changed and tonumber(changed) > made then return false end
    end
    return true
end

local right = is_right()
if right and redis.call('PTTL', KEYS[1]) > tonumber(ARGV[3]) then
    return {'found', unpack(redis.call('HMGET', KEYS[1], 'body', 'etag', 'languages'))}
end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return {'turn', now[1], now[2]} end
if right then return {'stale', unpack(redis.call('HMGET', KEYS[1], 'body', 'etag', 'languages'))} end
return {'wait', now[1], now[2]}
"""

KEEP = """
-- KEYS: answer, lock. ARGV: token, milliseconds of its life, then names and values.
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
"""

TELL = """
-- KEYS: changes. ARGV: token, most scopes, then scopes; * is everything.
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[2]) or ARGV[3] == '*' then
    redis.call('DEL', KEYS[1])
    redis.call('HSET', KEYS[1], '@generation', ARGV[1], '@number', 0)
elseif redis.call('EXISTS', KEYS[1]) == 1 then
    local number = redis.call('HINCRBY', KEYS[1], '@number', 1)
    for index = 3, #ARGV do redis.call('HSET', KEYS[1], ARGV[index], number) end
end
"""
