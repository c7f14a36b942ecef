-- Begin a session, or restore one. KEYS: session, roles. ARGV: generation, rotated_at, expires_at, ttl, roles, version.
local newest = tonumber(redis.call('HGET', KEYS[2], 'version') or '-1')
if tonumber(ARGV[6]) > newest then
  redis.call('HSET', KEYS[2], 'roles', ARGV[5], 'version', ARGV[6])
end
if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[4]) then
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
end
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'generation', ARGV[1], 'rotated_at', ARGV[2], 'expires_at', ARGV[3], 'ended', '0')
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
