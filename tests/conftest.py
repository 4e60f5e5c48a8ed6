"""For every test: hypothesis without deadlines, and in CI with the same examples each time."""

from __future__ import annotations

import os

from hypothesis import settings

# On a busy machine a slow example is no defect. New examples are looked for where somebody can mend
# what they show; a CI run must not fail by chance on a change that has nothing to do with it.
settings.register_profile("steady", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("steady")
