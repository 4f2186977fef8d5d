"""Alerts: what was seen, against which threshold, and what to do next."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["balance", "headcount", "vacancy", "time", "density", "value", "mix"]


@dataclass(frozen=True, slots=True)
class Alert:
    """One reason to look at the plan again.

    `about`: territory, rep or segment, "" for the plan. `then` and `now`: the figure that was
    compared, and `change` against `threshold`, in the unit that `message` says. `step`: in words;
    `command`: the command that does it.
    """

    kind: Kind
    level: Literal["watch", "act"]
    about: str
    then: float | None
    now: float
    change: float
    threshold: float
    message: str
    step: str
    command: str


@dataclass(frozen=True, slots=True)
class Where:
    """The files for the commands that alerts propose; "" where there is none."""

    plan: str
    accounts: str = ""
    reps: str = ""

    def design(self) -> str:
        """Realign with a budget, from the new files."""
        parts = ["bailiwick design", self.accounts or "ACCOUNTS.csv", f"--incumbent {self.plan}"]
        parts += [f"--reps {self.reps}"] if self.reps else []
        return " ".join([*parts, "--max-disruption 0.1", f"--out {self.plan.rstrip('/')}-next"])

    def front(self) -> str:
        """How even for how much disruption."""
        parts = ["bailiwick front", self.accounts or "ACCOUNTS.csv", f"--incumbent {self.plan}"]
        return " ".join([*parts, *([f"--reps {self.reps}"] if self.reps else [])])

    def review(self) -> str:
        """The review again, with the files that it lacks."""
        parts = [f"bailiwick review {self.plan}", f"--accounts {self.accounts or 'ACCOUNTS.csv'}"]
        return " ".join([*parts, f"--reps {self.reps or 'REPS.csv'}"])
