"""The service at several sizes, see __main__.py."""

import warnings

warnings.filterwarnings("ignore", message=".*, falling back to")  # the database's package looks for a runtime folder
