"""Progress of a training: a bar on a terminal, a line every tenth of the way elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any

from diffatlas.diffusion.budget import Budget

__all__ = ["Progress"]


class Progress:
    """Shows rate, loss, time left: a bar on stderr or lines on stdout; nothing if ``quiet``."""

    def __init__(self, budget: Budget, step: int, seconds: float, quiet: bool) -> None:
        self.budget, self.quiet = budget, quiet
        self.first_step, self.start = step, time.monotonic()
        self.first = budget.fraction(step, seconds)
        self.tenth = int(10 * self.first)
        self.bar: Any = None
        if not quiet and sys.stderr.isatty():
            from tqdm import tqdm

            form = "{percentage:3.0f}% |{bar:30}| {elapsed} spent, {remaining} left  {postfix}"
            self.bar = tqdm(total=1.0, bar_format=form, initial=self.first)

    def show(self, step: int, seconds: float, loss: float) -> None:
        """Report that ``step`` steps and ``seconds`` of the budget are done."""
        if self.quiet:
            return
        fraction = self.budget.fraction(step, seconds)
        spent = max(time.monotonic() - self.start, 1e-9)
        rate = (step - self.first_step) / spent
        if self.bar is not None:
            self.bar.set_postfix_str(f"step {step}, {rate:.1f} steps/s, loss {loss:.4f}", False)
            self.bar.update(fraction - self.bar.n)
        elif int(10 * fraction) > self.tenth:
            self.tenth = int(10 * fraction)
            left = spent * (1 - fraction) / max(fraction - self.first, 1e-9)
            print(
                f"{fraction:4.0%}  step {step}  loss {loss:.4f}  {rate:.1f} steps/s"
                f"  {left:.0f} s left",
                flush=True,
            )

    def close(self) -> None:
        """Leave the terminal in order."""
        if self.bar is not None:
            self.bar.close()
