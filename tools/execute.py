"""Execute a baseline as a notebook and keep what it printed and showed."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

__all__ = ["execute"]


def execute(source: Path, timeout: int = 900) -> bytes:
    """The executed notebook of the py:percent file ``source``, as the bytes of an .ipynb file.

    It runs in an empty folder, so that no path of this machine gets into an output.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed.
    """
    import jupytext
    from nbclient import NotebookClient

    notebook = jupytext.read(source)
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=timeout,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
        )
        client.execute()
    for cell in notebook.cells:
        # Times of execution would make every run another file.
        cell.metadata.pop("execution", None)
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()
