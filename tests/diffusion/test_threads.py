"""Idle threads of OpenMP sleep, whichever module of the package a program imports first."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SPY = """
import os, sys

class Spy:
    # The library reads the setting when torch is loaded, and never again.
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            print(os.environ.get("OMP_WAIT_POLICY"))
            sys.exit(0)

sys.meta_path.insert(0, Spy())
import {module}
"""
MODULES = ("data", "device", "evaluation", "runner", "samplers", "training")


@pytest.mark.parametrize("given, seen", [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
@pytest.mark.parametrize("module", MODULES)
def test_the_setting_is_made_before_torch_is_loaded(
    module: str, given: str | None, seen: str
) -> None:
    env = {key: value for key, value in os.environ.items() if key != "OMP_WAIT_POLICY"}
    script = SPY.format(module=f"diffatlas.diffusion.{module}")
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=env if given is None else {**env, "OMP_WAIT_POLICY": given},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == seen, done.stderr
