"""The baselines as modules, and the installed command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import torch

from diffatlas.diffusion import runner

BASELINES = ("ddpm", "ncsn", "score_sde")


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(params=BASELINES)
def module(request: pytest.FixtureRequest) -> ModuleType:
    return runner.find(request.param)


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """One thread, no network: what a test starts must be quick and the same everywhere."""
    quiet = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "DIFFATLAS_OFFLINE": "1"}
    return {**os.environ, **quiet}


@pytest.fixture(scope="session")
def command() -> str:
    """The path of ``diffatlas`` as pip installed it."""
    return str(Path(sys.executable).parent / "diffatlas")


@pytest.fixture
def shell(
    command: str, environment: dict[str, str], tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``diffatlas ARGS`` in an empty folder."""

    def call(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command, *args], cwd=tmp_path, env=environment, capture_output=True, text=True
        )

    return call


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a short run of the DDPM on the digits."""
    out = tmp_path_factory.mktemp("run")
    runner.run("ddpm", budget="12steps", out=out, quiet=True, device="cpu")
    return out
