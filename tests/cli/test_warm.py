"""What the first plan says of its wait, and the command that spares it."""

from pathlib import Path

import pytest

from tests.cli.made_up import Run


def test_a_plan_that_has_to_compile_the_solver_says_so(
    run: Run, accounts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geo.jit.compiled", lambda: False)
    ran = run("design", accounts, "--territories", 2, "--out", tmp_path / "plan")
    assert ran.code == 0
    assert "Compiling the solver, once" in ran.err


def test_a_plan_whose_solver_is_compiled_is_silent_about_it(
    run: Run, accounts: Path, tmp_path: Path
) -> None:
    run("warm")
    ran = run("design", accounts, "--territories", 2, "--out", tmp_path / "plan")
    assert "Compiling" not in ran.err


def test_nowhere_to_keep_the_compiled_solver(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.jit.cache_directory", lambda: None)
    ran = run("warm")
    assert "NUMBA_CACHE_DIR" in ran.err
