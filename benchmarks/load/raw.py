"""Floors without any web server: what the machine makes of argon2id, and Redis of our script."""

import csv
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher

from app.storage.redis.client import script
from load.surroundings import Surroundings

KEYS = 100_000


def argon2_rate(around: Surroundings, seconds: float) -> float:
    """Hashes a second at the service's parameters, by as many threads."""
    settings = around.settings
    hasher = PasswordHasher(
        time_cost=settings.argon2_time_cost,
        memory_cost=settings.argon2_memory_kib,
        parallelism=settings.argon2_parallelism,
    )
    began = time.monotonic()

    def work() -> int:
        made = 0
        while time.monotonic() < began + seconds:
            hasher.hash("correct-horse-battery-staple")
            made += 1
        return made

    with ThreadPoolExecutor(settings.hash_threads) as pool:
        made = sum(each.result() for each in [pool.submit(work) for _ in range(settings.hash_threads)])
    return made / (time.monotonic() - began)


def redis_rate(around: Surroundings) -> float:
    """Rotations a second, by redis-benchmark; now and then one of them meets a session twice and repeats its answer."""
    rotate = script("rotate")
    with around.redis.admin(1) as redis:
        redis.flushdb()
        redis.script_load(rotate.text)
        redis.hset("auth:{one}:roles", mapping={"roles": "[]", "version": 0})
        now = time.time_ns() // 1000
        state = {"generation": 0, "rotated_at": now, "expires_at": now + 10**12, "ended": 0}
        pipeline = redis.pipeline(transaction=False)
        for number in range(KEYS):
            pipeline.hset(f"auth:{number:012d}:session", mapping=state)
        pipeline.execute()
    keys = ["auth:__rand_int__:session", "auth:{one}:roles"]
    arguments = ["0", str(now), "10000000", "0"]
    command = ["redis-benchmark", "-h", "127.0.0.1", "-p", str(around.redis.port), "--dbnum", "1", "--csv"]
    command += ["-c", "50", "-n", "30000", "-r", str(KEYS), "EVALSHA", rotate.digest, "2", *keys, *arguments]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    return float(next(csv.DictReader(told.splitlines()))["rps"])
