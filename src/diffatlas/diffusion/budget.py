"""How long to train: a number of steps, or seconds of processor (of wall clock on a GPU)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from diffatlas.diffusion.problems import BadBudget

__all__ = ["Budget"]

_UNITS = {"s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_STEPS = {"step", "steps"}


@dataclass(frozen=True)
class Budget:
    """``amount`` seconds, or steps where ``in_steps``."""

    amount: float
    in_steps: bool

    @classmethod
    def parse(cls, text: str) -> Budget:
        """Read ``300s``, ``5m``, ``1.5h`` or ``2000steps``.

        Raises:
            BadBudget: it is none of these, or not positive.
        """
        match = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+) *([a-z]+)", text.strip().lower())
        amount, unit = (float(match[1]), match[2]) if match else (0.0, "")
        if unit in _UNITS:
            amount *= _UNITS[unit]
        elif unit not in _STEPS or amount != int(amount):
            amount = 0.0
        if not 0 < amount < math.inf:
            raise BadBudget(
                f"cannot read the amount {text!r}: give seconds, minutes, hours or steps, "
                "such as 300s, 5m, 1h or 2000steps"
            )
        return cls(amount, unit in _STEPS)

    def __str__(self) -> str:
        """The budget in seconds or steps, as :meth:`parse` reads it."""
        # All digits: a checkpoint's budget is compared by its text, and must be readable again.
        return f"{self.amount:.15g}{'steps' if self.in_steps else 's'}"

    def fraction(self, step: int, seconds: float) -> float:
        """How much of the budget ``step`` steps and ``seconds`` have used, from 0 to 1."""
        return min(1.0, (step if self.in_steps else seconds) / self.amount)
