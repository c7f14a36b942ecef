"""Django's argon2id with the parameters of the service beside it (docs: topics/auth/passwords)."""

import os

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    memory_cost = int(os.environ["ARGON2_MEMORY_KIB"])
    time_cost = int(os.environ["ARGON2_TIME_COST"])
    parallelism = int(os.environ["ARGON2_PARALLELISM"])
