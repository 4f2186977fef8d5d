"""Results on disk: one JSON file for each instance, and one for speed. They are in the repository.

A run replaces the rows that it made and keeps the others, so that a long suite can be run in parts.
"""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.child import Outcome
from benchmarks.figures import Figures
from benchmarks.instances import CATALOGUE, Instance
from benchmarks.solvers import SOLVERS, Solver
from geo.measures.balance import heaviest_share, least_max_deviation

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Row:
    """One solver on one instance: medians of its runs, and why there are none or fewer."""

    solver: str
    runs: tuple[Figures, ...]
    note: str
    setting: dict[str, Any]

    @property
    def medians(self) -> Figures:
        """Median of each figure over the seeds; empty without a run."""
        return medians(self.runs)


@dataclass(frozen=True)
class Sheet:
    """All rows of an instance, in the order of `SOLVERS`."""

    name: str
    about: str
    units: int
    territories: int
    heaviest: float
    least_max_deviation: float
    rows: tuple[Row, ...]

    def row(self, solver: str) -> Row | None:
        """The row of that solver, if it was run."""
        return next((row for row in self.rows if row.solver == solver), None)


def medians(runs: Sequence[Figures]) -> Figures:
    """Median of each figure."""
    return {name: float(np.median([run[name] for run in runs])) for name in (runs or [{}])[0]}


def keep(folder: Path, instance: Instance, solver: Solver, outcome: Outcome) -> None:
    """Write one row, in place of an older one."""
    path = folder / f"{instance.name}.json"
    held = json.loads(path.read_text("utf-8")) if path.exists() else {"rows": {}}
    problem = instance.problem
    weight, targets = problem.activity[:, 0], problem.targets[:, 0]
    held |= {
        "name": instance.name,
        "about": instance.about,
        "units": len(problem),
        "territories": problem.territories,
        "heaviest": heaviest_share(weight, targets)[1],
        "least_max_deviation": least_max_deviation(weight, targets),
    }
    held["rows"][solver.name] = {
        "note": outcome.note,
        "setting": setting(solver.package),
        "runs": outcome.runs,
    }
    write(path, held)


def sheets(folder: Path) -> list[Sheet]:
    """The results of all instances, those of the catalogue first and in its order."""
    found = {path.stem: path for path in sorted(folder.glob("*.json")) if path.stem != "speed"}
    order = [name for name in CATALOGUE if name in found]
    return [_sheet(found[name]) for name in dict.fromkeys([*order, *found])]


def _sheet(path: Path) -> Sheet:
    held = json.loads(path.read_text("utf-8"))
    rows = held.pop("rows")
    known = [solver.name for solver in SOLVERS if solver.name in rows]
    return Sheet(
        **held,
        rows=tuple(
            Row(name, tuple(rows[name]["runs"]), rows[name]["note"], rows[name]["setting"])
            for name in known
        ),
    )


def write(path: Path, held: Any) -> None:
    """JSON as it is kept in the repository."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", "utf-8")


def setting(package: str) -> dict[str, Any]:
    """When and with what something was measured."""
    try:
        release = version(package)
    except PackageNotFoundError:
        release = "not installed"
    return {
        "date": date.today().isoformat(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "package": f"{package} {release}",
    }
