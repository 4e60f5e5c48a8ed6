"""What `import diffatlas` costs, and what it exposes."""

import subprocess
import sys

import pytest
import small_catalog

import diffatlas
from diffatlas.catalog import compiled


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_import_loads_nothing_heavy():
    code = """
import sys
import diffatlas
print(*sorted({"pandas", "numpy", "torch", "yaml", "pydantic", "click"} & set(sys.modules)))
"""
    assert run(code) == ""


def test_a_compiled_catalog_needs_neither_yaml_nor_pydantic(tmp_path):
    sources = small_catalog.write(tmp_path / "y")
    compiled.write(compiled.compile_catalog(sources), tmp_path / "c")
    loaded = run(
        "import sys, diffatlas\n"
        f"atlas = diffatlas.load({str(tmp_path / 'c')!r})\n"
        "assert 'pandas' not in sys.modules\n"
        "assert len(atlas.find('framework:ddpm')) == 2\n"
        "print(*sorted({'yaml', 'pydantic', 'torch', 'pyarrow.parquet'} & set(sys.modules)))"
    )
    assert loaded == ""


def test_names():
    for name in diffatlas.__all__:
        assert getattr(diffatlas, name) is not None
    assert {"load", "Atlas", "errors", "__version__"} <= set(dir(diffatlas))
    assert issubclass(diffatlas.FilterError, diffatlas.errors.CatalogError)
    assert issubclass(diffatlas.CatalogError, ValueError)
    with pytest.raises(AttributeError, match="no attribute 'laod'"):
        diffatlas.laod  # noqa: B018


def test_help_imports_no_subcommand():
    loaded = run(
        "import sys\nfrom diffatlas.cli import main\nmain(['--help'])\n"
        "print('heavy', *{'pandas', 'torch', 'yaml', 'diffatlas.cli.query'} & set(sys.modules))"
    )
    assert loaded.splitlines()[-1] == "heavy"
