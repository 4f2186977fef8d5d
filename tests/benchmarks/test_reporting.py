"""From results to words: medians, fits, tables, stages."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.child import Outcome
from benchmarks.figures import figures_of
from benchmarks.instances.hexagons import contiguous_us
from benchmarks.report import filled
from benchmarks.scaling import fit
from benchmarks.solvers import BY_NAME, OURS, REFERENCE, SOLVERS
from benchmarks.store import RESULTS, keep, sheets
from benchmarks.tables import losses, quality
from geo.progress import Stopwatch

INSTANCE = contiguous_us(
    "tiny", "a test", resolution=2, territories=2, accounts=300, seed=1, dense=0.1
)


def outcome(*seconds: float, note: str = "") -> Outcome:
    labels = (np.arange(len(INSTANCE.problem)) % 2).astype(np.int32)
    figures = figures_of(INSTANCE, labels)
    return Outcome([figures | {"seconds": s, "cpu_seconds": s} for s in seconds], note)


def test_a_row_is_replaced_and_the_others_are_kept(tmp_path: Path) -> None:
    ours, reference = BY_NAME[OURS], BY_NAME[REFERENCE]
    keep(tmp_path, INSTANCE, ours, outcome(9.0))
    keep(tmp_path, INSTANCE, reference, outcome(2.0))
    keep(tmp_path, INSTANCE, ours, outcome(3.0, 1.0, 5.0))
    (sheet,) = sheets(tmp_path)
    assert (sheet.name, sheet.units, sheet.territories) == ("tiny", len(INSTANCE.problem), 2)
    assert [(row.solver, row.medians["seconds"]) for row in sheet.rows] == [
        (OURS, 3.0),
        (REFERENCE, 2.0),
    ]
    table = quality([sheet])
    assert f"| {OURS} (3 seeds) |" in table
    assert "**1.5**" in table.splitlines()[-1]
    assert f"| tiny | s | 3 | {REFERENCE}: 2 |" in losses([sheet])


def test_who_could_not_be_run_stays_in_the_table(tmp_path: Path) -> None:
    keep(tmp_path, INSTANCE, BY_NAME[REFERENCE], outcome(note="> 120 s"))
    keep(tmp_path, INSTANCE, BY_NAME["spopt Ward"], outcome(1.0, note="> 120 s"))
    table = quality(sheets(tmp_path))
    assert f"| {REFERENCE} | > 120 s |" in table
    assert "| spopt Ward (1 seed); then > 120 s |" in table


def test_the_fit_finds_the_exponent() -> None:
    units = np.array([1e3, 1e4, 1e6])
    exponent, scale = fit(units, 0.5 * units**1.25)
    assert exponent == pytest.approx(1.25)
    assert scale == pytest.approx(0.5)


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    page = "a\n<!-- x:begin -->\nold\n<!-- x:end -->\nb\n"
    once = filled(page, {"x": r"new \1"})
    assert once == "a\n<!-- x:begin -->\n\nnew \\1\n\n<!-- x:end -->\nb\n"
    assert filled(once, {"x": r"new \1"}) == once
    with pytest.raises(KeyError):
        filled(page, {"y": ""})


def test_the_clock_gives_each_stage_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 1.0, 4.0, 4.5, 9.0, 10.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(moments))
    clock = Stopwatch()
    clock("shape", 0.0)
    clock("shape", 1.0)
    clock("border", 0.0)
    clock("border", 0.5)
    assert clock.stop() == {"read": 1.0, "shape": 3.5, "border": 5.5}


def test_no_two_solvers_have_one_name() -> None:
    assert len(BY_NAME) == len(SOLVERS)


def test_the_results_in_the_repository_are_of_known_solvers() -> None:
    for sheet in sheets(RESULTS):
        assert {row.solver for row in sheet.rows} <= set(BY_NAME)
