"""Files that survive a kill: training checkpoints, and the small weights that are shared.

A checkpoint folder has two slots. A new checkpoint is written in full, flushed to the disk, and
only then takes the place of the older slot, so that at every moment one good one exists. The first
line of a slot holds the SHA-256 of the rest: a damaged one is recognized and the other one used.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from diffatlas.diffusion.problems import CheckpointError, TrainingFailed

__all__ = ["Checkpoints", "load_weights", "save_weights", "write_bytes"]

_MARK = b"diffatlas-checkpoint-1 "


def write_bytes(path: Path, payload: bytes) -> None:
    """Put ``payload`` at ``path`` in one move: readers see the old file or the new, never half."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


class Checkpoints:
    """The two slots ``checkpoint-0.pt`` and ``checkpoint-1.pt`` of ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.slots = (folder / "checkpoint-0.pt", folder / "checkpoint-1.pt")
        self._next = 0

    def exists(self) -> bool:
        """Whether there is any checkpoint, good or damaged."""
        return any(slot.exists() for slot in self.slots)

    def save(self, state: Mapping[str, Any]) -> None:
        """Write ``state`` (tensors, numbers, strings, lists and mappings of these).

        Raises:
            TrainingFailed: it cannot be written; the previous checkpoint is still there.
        """
        buffer = io.BytesIO()
        torch.save(dict(state), buffer)
        payload = buffer.getvalue()
        head = _MARK + hashlib.sha256(payload).hexdigest().encode() + b"\n"
        slot = self.slots[self._next]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_bytes(slot, head + payload)
        except OSError as error:
            raise _unwritable(slot, error) from None
        self._next = 1 - self._next

    def load(self) -> tuple[dict[str, Any], list[str]]:
        """The newest good state, and a message for each damaged slot that was passed over.

        Raises:
            CheckpointError: there is no good one.
        """
        good: list[tuple[int, int, dict[str, Any]]] = []
        messages = []
        for number, slot in enumerate(self.slots):
            if not slot.exists():
                continue
            try:
                state = _read(slot)
                good.append((int(state["step"]), number, state))
            except (
                OSError,
                ValueError,
                KeyError,
                RuntimeError,
                EOFError,
                pickle.PickleError,
            ) as error:
                reason = str(error).splitlines()[0] if str(error) else type(error).__name__
                messages.append(f"{slot} is damaged ({reason})")
        if not good:
            detail = "; ".join(messages) or f"there is no checkpoint in {self.folder}"
            raise CheckpointError(f"cannot resume: {detail}. Start again without --resume.")
        step, number, state = max(good, key=lambda item: item[0])
        self._next = 1 - number
        return state, [f"{m}; using the one at step {step} instead" for m in messages]

    def clear(self) -> None:
        """Remove both slots (TrainingFailed: they cannot be removed)."""
        try:
            for slot in self.slots:
                slot.unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(self.folder, error) from None
        self._next = 0


def _unwritable(path: Path, error: OSError) -> TrainingFailed:
    return TrainingFailed(
        f"the checkpoint {path} cannot be written: {error.strerror or error}. What was there "
        "before is untouched; make room or choose another --out, then go on with --resume."
    )


def _read(slot: Path) -> dict[str, Any]:
    head, _, payload = slot.read_bytes().partition(b"\n")
    if not head.startswith(_MARK):
        raise ValueError("it does not begin as a checkpoint does")
    if hashlib.sha256(payload).hexdigest().encode() != head[len(_MARK) :]:
        raise ValueError("its content does not match its checksum")
    state: dict[str, Any] = torch.load(io.BytesIO(payload), map_location="cpu", weights_only=True)
    return state


def save_weights(path: Path, state: Mapping[str, Tensor], notes: Mapping[str, str]) -> None:
    """Write a model's tensors in half precision (safetensors) with ``notes`` as metadata."""
    from safetensors.torch import save

    tensors = {name: value.detach().half().contiguous().cpu() for name, value in state.items()}
    write_bytes(path, save(tensors, metadata=dict(notes)))


def load_weights(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors in single precision and the notes of a file that ``save_weights`` wrote.

    Raises:
        CheckpointError: the file is absent or is no safetensors file.
    """
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise CheckpointError(f"there are no weights at {path}")
    try:
        with safe_open(path, framework="pt") as file:
            notes = file.metadata() or {}
            return {name: file.get_tensor(name).float() for name in file.keys()}, notes  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is damaged ({error}); fetch or train it again") from None
