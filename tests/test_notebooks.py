"""The notebooks run from top to bottom, and show what the committed ones show."""

import re
from pathlib import Path

import nbformat
import pytest

from scripts.run_notebooks import NOTEBOOKS, executed

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))


def code_of(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def kinds(notebook: nbformat.NotebookNode) -> list[list[str]]:
    return [[output.output_type for output in cell.outputs] for cell in code_of(notebook)]


def committed(path: Path) -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


def test_there_are_notebooks() -> None:
    assert [path.name[:3] for path in PATHS] == [f"{i:02d}_" for i in range(1, len(PATHS) + 1)]
    assert len(PATHS) >= 2


@pytest.mark.filterwarnings("ignore")  # of the kernel, not ours
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_notebook_runs_and_shows_what_the_committed_one_shows(path: Path) -> None:
    assert kinds(executed(path)) == kinds(committed(path))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_notebook_uses_the_library_and_tells_nothing_of_its_machine(path: Path) -> None:
    kept = committed(path)
    source = "\n".join(cell.source for cell in code_of(kept))
    assert not re.search(r"^\s*(from|import) app\b", source, re.MULTILINE)
    assert any(kinds(kept)), "run scripts/run_notebooks.py before committing"
    text = "\n".join(
        "".join(data) if isinstance(data, list) else str(data)
        for cell in code_of(kept)
        for output in cell.outputs
        for kind, data in [("", output.get("text", "")), *output.get("data", {}).items()]
        if not kind.startswith("image/")
    )
    assert not re.search(r"0x[0-9a-f]{8,}|(?<!\w)/(home|tmp|usr|work|root|Users)/", text)
    assert not any(cell.metadata for cell in kept.cells)
