"""Load on the service, see __main__.py."""

import warnings

warnings.filterwarnings("ignore", message=".*, falling back to")  # the database's package looks for a runtime folder
