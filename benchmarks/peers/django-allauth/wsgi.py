"""What gunicorn serves."""

import os

# django-allauth 65.21.1 imports it at first use, and fails there unless somebody else has imported it before.
import cryptography.hazmat.primitives.serialization  # noqa: F401
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
application = get_wsgi_application()
