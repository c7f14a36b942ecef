"""What the token store holds, looked at and damaged past the service, whatever the store is."""

from redis import Redis

from app.tests.support.people import execute
from app.tests.support.service import Service


async def lose_token_states(service: Service) -> None:
    """Empty the store, as a loss of Redis would."""
    if service.settings.redis_url:
        with Redis.from_url(service.settings.redis_url.value) as redis:
            redis.flushdb()
        return
    for table in ("token_states", "token_roles"):
        await execute(service, f"DELETE FROM {table}")


async def overwrite_token_states(service: Service, name: str, value: str | int) -> None:
    """Put a value, right or wrong, into every state: `generation`, `rotated_at`, `expires_at`, `ended`, `roles`."""
    if service.settings.redis_url:
        with Redis.from_url(service.settings.redis_url.value) as redis:
            for key in redis.scan_iter("auth:*:roles" if name == "roles" else "auth:*:session:*"):
                redis.hset(key, name, str(value))
        return
    table = "token_roles" if name == "roles" else "token_states"
    await execute(service, f"UPDATE {table} SET {name} = :value", value=value)


async def dump_token_states(service: Service) -> list[str]:
    """Everything that the store says of each session, as text."""
    if service.settings.redis_url:
        with Redis.from_url(service.settings.redis_url.value) as redis:
            return [f"{key!r} {redis.hgetall(key)!r}" for key in redis.scan_iter("auth:*:session:*")]
    return [str(row) for row in await execute(service, "SELECT * FROM token_states")]
