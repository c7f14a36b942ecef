"""`python -m app`."""

import gc

gc.disable()  # what is imported stays: to look for garbage in it, again and again, took a sixth of the start

from app.cli import main  # noqa: E402

gc.enable()
main()
