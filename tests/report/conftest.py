"""The plan and the command of the neighbouring tests."""

from tests.cli.conftest import run
from tests.ensemble.conftest import plan

__all__ = ["plan", "run"]
