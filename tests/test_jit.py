"""Compiled kernels are kept, apart from those of any other code."""

import shutil
from pathlib import Path

import numpy as np
import pytest

import geo.jit
from geo.jit import cache_directory, digest, kernel

PACKAGE = Path(geo.jit.__file__).parent


def double(values: np.ndarray) -> float:
    return 2.0 * values.sum()  # type: ignore[no-any-return]


def test_the_cache_of_changed_code_is_another(tmp_path: Path) -> None:
    copy = tmp_path / "geo"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "data"))
    assert digest(copy) == digest(PACKAGE)
    inlined = copy / "design" / "score.py"
    inlined.write_text(inlined.read_text("utf-8") + "\nX = 1\n", "utf-8")
    assert digest(copy) != digest(PACKAGE)


def test_where_nothing_can_be_kept_kernels_are_compiled_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache_directory.cache_clear()
    monkeypatch.setattr("geo.jit._writable", lambda _: False)
    try:
        assert cache_directory() is None
        assert not geo.jit.compiled()
        assert kernel(double)(np.ones(3)) == 6.0
    finally:
        cache_directory.cache_clear()


def test_a_place_named_in_the_environment_comes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cache_directory.cache_clear()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    try:
        assert kernel(double)(np.ones(2)) == 4.0
        assert cache_directory() == tmp_path / digest(PACKAGE)
        assert list(tmp_path.rglob("*.nbi"))
        assert not geo.jit.compiled()
    finally:
        cache_directory.cache_clear()
