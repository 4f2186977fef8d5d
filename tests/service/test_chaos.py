"""Real processes, killed at random instants; `python -m benchmarks.chaos` does it at length."""

from pathlib import Path

from benchmarks.chaos.rounds import run


def test_kills_lose_tear_double_and_damage_nothing(database_url: str, tmp_path: Path) -> None:
    kills = 2 if database_url.startswith("sqlite") else 1
    harm = run(
        database_url, kills=kills, seed=7, log=tmp_path / "processes.log", say=lambda _: None,
        rows=1_000, kinds=("design", "import") if kills == 2 else ("publish",),
    )  # fmt: skip
    assert harm.lost == harm.torn == harm.duplicated == harm.damaged == []
    assert harm.processes.total() > 0
    assert harm.snapshots > 0
