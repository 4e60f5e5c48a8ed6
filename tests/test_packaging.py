"""What somebody gets who installs the package without the clone beside it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
        text=True,
    )
    (built,) = folder.glob("diffatlas-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the wheel into a folder of its own, away from the clone."""
    folder = tmp_path_factory.mktemp("installed")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def python(code: str, installed: Path) -> str:
    """Run ``code`` where only the unpacked wheel provides ``diffatlas``."""
    guard = f"import sys; sys.path.insert(0, {str(installed)!r}); "
    done = subprocess.run(
        [sys.executable, "-c", guard + code],
        cwd=installed.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_wheel_carries_the_compiled_catalog(installed: Path) -> None:
    out = python(
        "import diffatlas; print(diffatlas.__file__); print(diffatlas.load().papers.head())",
        installed,
    )
    assert str(installed) in out
    assert "ho2020denoising" in python(
        "import diffatlas; print(diffatlas.load().find('id:ho2020denoising').id.iloc[0])", installed
    )


def test_wheel_carries_baselines_and_weights(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for baseline in ("ddpm", "ncsn", "score_sde"):
        assert f"diffatlas/_baselines/{baseline}.py" in names
        assert any(
            name.startswith(f"diffatlas/_baselines/results/{baseline}/")
            and name.endswith(".safetensors")
            for name in names
        )
    assert not [name for name in names if name.endswith((".ipynb", ".pyc"))]


def test_wheel_draws_from_the_stored_weights(installed: Path) -> None:
    out = python(
        "from diffatlas.cli import main; sys.argv = ['diffatlas', 'sample', 'ddpm', '-n', '2', "
        "'--nfe', '2', '--seed', '0', '--out', 'grid.png']; main()",
        installed,
    )
    assert "grid.png" in out
    assert (installed.parent / "grid.png").read_bytes().startswith(b"\x89PNG")


def test_import_loads_neither_pandas_nor_torch(installed: Path) -> None:
    out = python(
        "import diffatlas; print(sorted({'pandas', 'torch', 'pydantic'} & set(sys.modules)))",
        installed,
    )
    assert out.strip() == "[]"
