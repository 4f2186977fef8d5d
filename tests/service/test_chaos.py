"""Real processes, killed at random instants; `python -m benchmarks.chaos` does it at length."""

from pathlib import Path

from benchmarks.chaos.rounds import KINDS, run


def test_kills_lose_tear_double_and_damage_nothing(database_url: str, tmp_path: Path) -> None:
    harm = run(
        database_url, kills=len(KINDS), seed=7, log=tmp_path / "processes.log", say=lambda _: None
    )
    assert harm.lost == harm.torn == harm.duplicated == harm.damaged == []
    assert harm.processes.total() > 0
    assert harm.snapshots > 0
