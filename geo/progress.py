"""How long work tells how far it is, without knowing who listens."""

from typing import Protocol


class Progress(Protocol):
    """Called a few times a second at most; `fraction` in 0..1 of the stage named."""

    def __call__(self, stage: str, fraction: float, message: str = "") -> None:
        """Take note."""
        ...


def silent(stage: str, fraction: float, message: str = "") -> None:
    """Tell nobody."""
