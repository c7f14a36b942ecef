-- Put changed roles in force, unless a later change already is. KEYS: roles. ARGV: roles, version, ttl.
-- Kept for an account without a session here too: one that is just being started may still know the old roles.
local newest = tonumber(redis.call('HGET', KEYS[1], 'version') or '-1')
if tonumber(ARGV[2]) > newest then
  redis.call('HSET', KEYS[1], 'roles', ARGV[1], 'version', ARGV[2])
end
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
