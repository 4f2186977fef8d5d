"""The kinds of jobs, one module each; the library is loaded with the first job that needs it."""

from collections.abc import Callable, Mapping
from typing import Final

from app.jobs.kinds.designing import designing
from app.jobs.kinds.exporting import export_plan
from app.jobs.kinds.importing import import_dataset
from app.jobs.kinds.judging import judge_plan
from app.jobs.kinds.publishing import publish_plan
from app.jobs.kinds.scenarios import make_scenarios
from app.jobs.work import Design, Run, Work
from geo.progress import Progress

__all__ = ["KINDS", "kinds_with"]


def _design(work: Work, progress: Progress, should_stop: Callable[[], bool]) -> dict[str, bytes]:
    from app.jobs.pipeline import design_plan

    return design_plan(work, progress, should_stop)


def kinds_with(design: Design) -> Mapping[str, Run]:
    """All kinds, of which plans are made by `design`."""
    return {
        "import": import_dataset,
        "design": designing(design),
        "export": export_plan,
        "ensemble": judge_plan,
        "publish": publish_plan,
        "scenarios": make_scenarios,
    }


KINDS: Final = kinds_with(_design)
