"""What the documents say exists does exist, and what exists is in the documents."""

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest
import typer

import app.errors
import geo.errors
from app.cli.main import cli
from geo.errors import BailiwickError
from geo.geocode.doubts import Doubt, note
from geo.geocode.types import Address, Geocode, Precision
from sales.export import FORMATS
from sales.locate_issues import Row, error_of

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])
COMMANDS = typer.main.get_command(cli)
NOTE = note(Doubt.POSTCODE_STATE, "")


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_every_dependency_has_its_role_and_no_other() -> None:
    project = tomllib.loads(text("pyproject.toml"))
    wanted = {
        "To run": project["project"]["dependencies"],
        "To develop": project["dependency-groups"]["dev"],
        "To compare": project["dependency-groups"]["bench"],
    }
    for title, requirements in wanted.items():
        section = text("docs/dependencies.md").partition(f"## {title}\n")[2].partition("\n## ")[0]
        listed = re.findall(r"^\| ([\w-]+) \| \S.*\|$", section, re.MULTILINE)
        names = [re.match(r"[\w-]+", requirement) for requirement in requirements]
        assert listed[1:] == [name[0] for name in names if name], title


def test_every_error_has_a_section_and_no_section_is_left_over() -> None:
    def classes(kind: type[BailiwickError]) -> Iterator[type[BailiwickError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from classes(child)

    ours = {geo.errors.__name__, app.errors.__name__}
    codes = {kind.code for kind in classes(BailiwickError) if kind.__module__ in ours}
    sections = re.findall(r"^### (\w+)\n\S", text("docs/errors.md"), re.MULTILINE)
    assert sorted(sections) == sorted(codes)


def test_every_row_issue_of_placing_has_a_section_and_no_section_is_left_over() -> None:
    sections = re.findall(r"^#### (\w+)\n\S", text("docs/row-issues.md"), re.MULTILINE)
    unplaced = {
        error_of(Row(2, "A", {}), address, found).code
        for address, found in (
            (Address(), None),
            (Address(city="Nowhere"), None),
            (Address(), Geocode(1.0, 1.0, Precision.STATE, "", 1.0, "")),
            (Address(), Geocode(1.0, 1.0, Precision.COUNTRY, "", 1.0, "")),
            (Address(), Geocode(1.0, 1.0, Precision.STATE, "", 1.0, "", notes=(NOTE,))),
        )
    }
    doubts = {doubt.name.lower() for doubt in Doubt}
    assert sorted(sections) == sorted(unplaced | doubts | set(written_codes()))


def written_codes() -> Iterator[str]:
    """Codes that stand in a call that makes an issue, outside the reading of files."""
    own = ("*.py", "rules/*.py", "segments/*.py")
    for path in [path for pattern in own for path in (ROOT / "sales").glob(pattern)]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                at = {"RowIssue": 3, "issue": 1, "_issue": 2}.get(name, len(node.args))
                if at < len(node.args) and isinstance(node.args[at], ast.Constant):
                    yield ast.literal_eval(node.args[at])


@pytest.mark.parametrize("name", sorted(COMMANDS.commands))  # type: ignore[attr-defined]
def test_every_option_of_a_command_is_documented_and_no_other(name: str) -> None:
    section = re.search(
        rf"^## bailiwick {name}$(.*?)(?=^## |\Z)", text("docs/command-line.md"), re.M | re.S
    )
    assert section, f"docs/command-line.md has no section on {name}"
    documented = re.findall(r"^\| `(--[\w-]+)[^|]*", section[1].replace("\\|", "/"), re.M)
    command = COMMANDS.commands[name]  # type: ignore[attr-defined]
    options = {opt for p in command.params for opt in p.opts if opt.startswith("--")} - {"--help"}
    assert sorted(documented) == sorted(options)


def test_every_export_format_is_documented() -> None:
    line = next(x for x in text("docs/command-line.md").splitlines() if "| `--format" in x)
    assert set(re.findall(r"`(\w+)`", line)) == set(FORMATS)


def shown_commands() -> list[tuple[str, str]]:
    """Each command line in a shell block of a page, continued lines joined."""
    found = []
    for page in PAGES:
        for block in re.findall(r"^```sh\n(.*?)^```", page.read_text("utf-8"), re.M | re.S):
            for line in block.replace("\\\n", " ").splitlines():
                found.append((page.name, line.partition(" # ")[0].strip()))
        for line in re.findall(r"`((?:make|uv run bailiwick) [^`…]+)`", page.read_text("utf-8")):
            found.append((page.name, line))
    return found


@pytest.mark.parametrize(
    ("page", "line"), [c for c in shown_commands() if "bailiwick" in c[1].split()[:3]]
)
def test_every_command_shown_is_accepted(page: str, line: str) -> None:
    words = list(takewhile(lambda word: word not in {"<", ">", "|"}, shlex.split(line)))
    name, arguments = words[words.index("bailiwick") + 1], words[words.index("bailiwick") + 2 :]
    if "COMMAND" in words:
        return
    command = COMMANDS.commands[name]  # type: ignore[attr-defined]
    command.make_context(name, arguments)  # a wrong option or a missing argument raises


def test_every_make_target_shown_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    shown = {line.split()[1] for _, line in shown_commands() if line.startswith("make ")}
    assert {"demo", "test", "design"} <= shown <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        to = (page.parent / path).resolve() if path else page
        assert to.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in anchors(to), f"{page.name} links to {target}"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_document_can_be_found_from_the_index() -> None:
    index = text("docs/index.md")
    for page in DOCS.glob("*.md"):
        assert page.name == "index.md" or f"({page.name})" in index, page.name


def test_every_figure_is_shown_and_small() -> None:
    pages = "".join(page.read_text("utf-8") for page in PAGES)
    for figure in DOCS.glob("figures/*.png"):
        assert f"figures/{figure.name})" in pages, figure.name
        assert figure.stat().st_size < 500_000, figure.name
