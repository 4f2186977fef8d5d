"""What cannot work ends with status 2, words and nothing written; what was there stays."""

import io
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from app.cli import console
from geo.errors import OptionError
from tests.cli.made_up import Run, disk, plan_of, some_accounts, write_csv

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06"


def directory_bytes(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("blank.csv", b"\n\n  \n"),
        ("header.csv", b"Account ID,Latitude,Longitude\n"),
        ("picture.csv", PNG * 20),
        ("picture.xlsx", PNG * 20),
        ("broken.geojson", b'{"type": "FeatureCollection", "features": ['),
        ("broken.parquet", b"PAR1 and then nothing"),
        ("nowhere.csv", b"Account ID,Name\n1,Ann\n2,Bo\n"),
        ("cells.csv", b"cell,potential\n8928308280fffff,1\n8a28308280c7fff,1\n"),
    ],
)
def test_inputs_that_are_none(run: Run, tmp_path: Path, name: str, content: bytes) -> None:
    path, out = tmp_path / name, tmp_path / "plan"
    path.write_bytes(content)
    ran = run("design", path, "--territories", 2, "--out", out)
    assert ran.code == 2
    assert ran.err.splitlines()[-1] != ""
    assert "Error:" in ran.err
    assert "Hint:" in ran.err
    assert ran.out == ""
    assert not out.exists()


def test_an_input_that_is_not_there_or_a_directory(run: Run, tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        ran = run("design", path, "--territories", 2, "--out", tmp_path / "plan")
        assert ran.code == 2
        assert "Error:" in ran.err
        assert not (tmp_path / "plan").exists()


def test_out_is_a_file_or_below_one(run: Run, accounts: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    for out in (taken, taken / "plan"):
        ran = run("design", accounts, "--territories", 2, "--out", out)
        assert ran.code == 2
        assert "is a file" in ran.err
    assert taken.read_text() == "mine"


def test_a_failure_leaves_the_former_plan_as_it_was(
    run: Run, accounts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "plan"
    run("design", accounts, "--territories", 2, "--resolution", 7, "--out", out)
    before = directory_bytes(out)
    (tmp_path / "bad.csv").write_bytes(PNG)
    assert run("design", tmp_path / "bad.csv", "--territories", 2, "--out", out).code == 2
    assert run("design", accounts, "--territories", 0, "--out", out).code == 2
    assert directory_bytes(out) == before


def test_a_disk_that_fails_leaves_the_former_plan(
    run: Run, accounts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "plan"
    run("design", accounts, "--territories", 2, "--resolution", 7, "--out", out)
    before = directory_bytes(out)
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if "territories" in path.name:
            raise OSError(28, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    ran = run("design", accounts, "--territories", 3, "--resolution", 7, "--out", out)
    assert ran.code == 2
    assert "No space left on device" in ran.err
    assert directory_bytes(out) == before


def test_verify_names_the_false_claim(run: Run, accounts: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    run("design", accounts, "--territories", 2, "--resolution", 7, "--out", out)
    assert run("verify", out).code == 0
    cells = (out / "cells.csv").read_text()
    (out / "cells.csv").write_text(cells.replace(",T01,", ",T02,", 1))
    ran = run("verify", out)
    assert ran.code == 1
    assert ran.out.splitlines()[-1].startswith("FALSE")
    assert run("verify", out, "--json").document()[-1]["true"] is False
    (out / "plan.json").write_text("{")
    ran = run("verify", out)
    assert ran.code == 2
    assert "plan.json is not JSON" in ran.err
    assert run("verify", tmp_path / "none").code == 2


def test_messages_fit_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, width=80, color_system=None)
    monkeypatch.setattr(console, "err", terminal)
    console.fail(OptionError("some words " * 30, hint="/long/path" * 20))
    lines = screen.getvalue().splitlines()
    assert len(lines) > 6
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("Error: some words")
    assert all(line.startswith(("Error: ", "Hint:  ", " " * 7)) for line in lines)


def test_messages_elsewhere_are_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    console.fail(OptionError("words " * 60, hint="other words " * 30))
    assert [line[:6] for line in capsys.readouterr().err.splitlines()] == ["Error:", "Hint: "]


def test_help_and_mistakes_answer_at_once(tmp_path: Path) -> None:
    """Neither loads the solver, the map library or pandas."""
    program = (
        "import sys; sys.argv = ['bailiwick', *sys.argv[1:]]\n"
        "from app.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'numba', 'pandas', 'folium', 'scipy', 'fastapi'} & set(sys.modules)))"
    )
    for words in (["--help"], ["design", "--help"], ["design", "x.csv"], ["export", "--help"]):
        ended = subprocess.run(
            [sys.executable, "-c", program, *words], capture_output=True, text=True, check=True
        )
        assert ended.stdout.splitlines()[-1] == "[]", words


def test_ctrl_c_keeps_the_best_plan_so_far(run: Run, tmp_path: Path) -> None:
    cells = disk(48.0, 11.0, 6, 25)
    rows = [{"cell": cell, "potential": 1 + i * i % 37} for i, cell in enumerate(cells)]
    table, out = write_csv(tmp_path / "cells.csv", rows), tmp_path / "plan"
    command = [sys.executable, "-m", "app.cli.main", "design", str(table), "--territories", "40"]
    with subprocess.Popen(
        [*command, "--balance", "potential:0.0001", "--out", str(out), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        assert running.stderr is not None
        for line in running.stderr:
            if line.startswith(("Shaping", "Smoothing", "Balancing")):
                break
        asked = time.monotonic()
        running.send_signal(signal.SIGINT)
        said, err = running.communicate(timeout=120)
    assert time.monotonic() - asked < 60
    assert running.returncode in (0, 3)
    assert "best plan so far is kept" in err
    assert "Traceback" not in err
    plan = plan_of(out)
    assert json.loads(said)["stop_reason"] == plan["provenance"]["stop_reason"] == "stopped"
    assert plan["summary"]["noncontiguous"] == 0
    assert sum(t["cells"] for t in plan["territories"]) == len(cells)
    assert run("verify", out).code == 0


def test_accounts_are_never_lost(run: Run, tmp_path: Path) -> None:
    """Rows in = rows in assignments.csv, in input order, whatever is wrong with them."""
    rows = some_accounts(40)
    rows[3] = rows[3] | {"Latitude": 95, "City": ""}
    rows[4] = rows[4] | {"Latitude": "", "Longitude": "", "City": "Qqqqville"}
    rows[5] = dict(rows[6])
    rows[8] = rows[8] | {"Annual Potential": "a lot"}
    path, out = write_csv(tmp_path / "a.csv", rows), tmp_path / "plan"
    ran = run("design", path, "--territories", 2, "--resolution", 7, "--out", out, "--json")
    assert ran.document()["accounts"] == 40
    lines = (out / "assignments.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == [row["Account ID"] for row in rows]
    assert ran.document()["assigned"] + ran.document()["review"] == 40
    assert run("verify", out).code == 0
