"""What a check reports: one finding a defect, with the place to mend."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Finding", "printable"]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One defect; ``line`` and ``column`` count from 1, ``severity`` is error or warning."""

    file: str
    line: int
    column: int
    code: str
    severity: str
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        text = f"{self.file}:{self.line}:{self.column} {self.code} {self.message}"
        return f"{text}; {self.suggestion}" if self.suggestion else text

    def github(self) -> str:
        """The finding as a workflow command, which GitHub shows beside the line."""
        text = f"{self.message}; {self.suggestion}" if self.suggestion else self.message
        place = f"file={_property(self.file)},line={self.line},col={self.column}"
        return f"::{self.severity} {place},title={self.code}::{_data(text)}"


def printable(path: str) -> str:
    """A path that fits in one line: line breaks and bytes that are no text are escaped."""
    if path.isprintable():
        return path
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in path)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
