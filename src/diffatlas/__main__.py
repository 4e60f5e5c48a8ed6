"""``python -m diffatlas`` is the command ``diffatlas``."""

import sys

from diffatlas.cli import main

sys.exit(main())
