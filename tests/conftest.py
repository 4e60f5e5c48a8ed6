"""For every test: hypothesis without deadlines, in CI with the same examples each time; Node.js."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from typing import NoReturn

import pytest
from hypothesis import settings

# On a busy machine a slow example is no defect. New examples are looked for where somebody can mend
# what they show; a CI run must not fail by chance on a change that has nothing to do with it.
settings.register_profile("steady", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("steady")


@pytest.fixture(scope="session")
def leave_out() -> Callable[[str], NoReturn]:
    """Say what is not installed: in CI that fails, elsewhere the test is skipped."""

    def told(why: str) -> NoReturn:
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)

    return told


@pytest.fixture(scope="session")
def node(leave_out: Callable[[str], NoReturn]) -> str:
    """The path of Node.js, which runs the scripts of the pages."""
    return shutil.which("node") or leave_out("Node.js is not installed: install 18.19 or newer")
