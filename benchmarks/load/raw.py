"""Floors without any web server: what the machine makes of argon2id, and Redis of our script."""

import csv
import multiprocessing
import subprocess
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Barrier

from argon2 import Parameters

from app.accounts.hashing import Hashes, argon2id_of, libsodium_is_faster
from app.storage.redis.client import script
from load.surroundings import Surroundings

KEYS = 100_000


def argon2_rate(around: Surroundings, seconds: float, *, by_libsodium: bool | None = None) -> float:
    """Hashes a second at the service's parameters, by as many processes.

    Args:
        by_libsodium: or by the package of argon2; what the service takes, when this is not said.
    """
    settings = around.settings
    parameters = argon2id_of(
        memory_kib=settings.argon2_memory_kib,
        time_cost=settings.argon2_time_cost,
        parallelism=settings.argon2_parallelism,
    )
    by_libsodium = libsodium_is_faster(settings.argon2_time_cost) if by_libsodium is None else by_libsodium
    count, context = settings.hash_threads, multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, context, _wait_with, (context.Barrier(count),)) as pool:
        each = [pool.submit(_hash_rate, parameters, seconds, by_libsodium=by_libsodium) for _ in range(count)]
        return sum(rate.result() for rate in each)


def _wait_with(others: Barrier) -> None:
    """Nobody hashes as long as another process has not been started."""
    others.wait()


def _hash_rate(parameters: Parameters, seconds: float, *, by_libsodium: bool) -> float:
    hashes = Hashes(parameters, by_libsodium=by_libsodium)
    began, made = time.monotonic(), 0
    while time.monotonic() < began + seconds:
        hashes.hash("correct-horse-battery-staple")
        made += 1
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
