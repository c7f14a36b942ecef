"""Make the schema and the accounts."""

import os
from pathlib import Path

import django
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
django.setup()
call_command("migrate", verbosity=0)

from allauth.account.models import EmailAddress  # noqa: E402 - models exist after the setup alone
from django.contrib.auth import get_user_model  # noqa: E402

for number, email in enumerate(Path(os.environ["PEER_ADDRESSES"]).read_text(encoding="ascii").split()):
    user = get_user_model().objects.create_user(f"viewer{number}", email, os.environ["PEER_PASSWORD"])
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
