-- Mark a session as ended, known or not. KEYS: session, roles. ARGV: expires_at, ttl.
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'generation', '0', 'rotated_at', ARGV[1], 'expires_at', ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
redis.call('HSET', KEYS[1], 'ended', '1')
if redis.call('HSETNX', KEYS[2], 'roles', '[]') == 1 then
  redis.call('HSET', KEYS[2], 'version', '0')
end
if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[2]) then
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
end
