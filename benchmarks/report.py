"""From benchmarks/results to docs: `python -m benchmarks.report` rewrites tables and plots.

Only what stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->` in docs/benchmarks.md is
replaced; the words around it are written by hand.
"""

import argparse
import json
import re
from pathlib import Path
from typing import Any

from benchmarks.plots import draw
from benchmarks.scaling import scaling_lines
from benchmarks.store import RESULTS, Sheet, sheets
from benchmarks.tables import losses, quality

_DOCS = Path(__file__).parents[1] / "docs"


def main() -> None:
    """Rewrite what is generated."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--docs", type=Path, default=_DOCS, help="where benchmarks.md stands")
    asked = parser.parse_args()
    found = sheets(asked.results)
    plots = draw(found, asked.docs / "figures")
    parts = {
        "setting": _setting(found),
        "plots": "\n\n".join(f"![{_caption(p.stem)}](figures/{p.name})" for p in plots),
        "losses": losses(found),
        "scaling": "\n".join(scaling_lines(found)),
        "quality": quality(found),
    }
    timed = asked.results / "speed.json"
    if timed.exists():
        parts["speed"] = speed(json.loads(timed.read_text("utf-8")))
    page = asked.docs / "benchmarks.md"
    words = (page if page.exists() else _DOCS / page.name).read_text("utf-8")
    page.write_text(filled(words, parts), "utf-8")
    print(f"{page.name}, {', '.join(p.name for p in plots)}")


def filled(page: str, parts: dict[str, str]) -> str:
    """The page with each part between its markers. Raises KeyError where a marker is missing."""
    for name, text in parts.items():
        begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
        if begin not in page or end not in page:
            raise KeyError(f"docs/benchmarks.md has no {begin} … {end}")
        held = re.escape(begin) + ".*?" + re.escape(end)
        new = f"{begin}\n\n{text}\n\n{end}"
        page = re.sub(held, lambda _, new=new: new, page, flags=re.DOTALL)  # type: ignore[misc]
    return page


def _caption(stem: str) -> str:
    if stem.endswith("scaling"):
        return "Time and memory against the number of units"
    return f"Balance against compactness on {stem.rpartition('front-')[2]}"


def _setting(found: list[Sheet]) -> str:
    settings = [row.setting for sheet in found for row in sheet.rows]
    if not settings:
        return "Nothing has been measured yet."
    days = sorted({s["date"] for s in settings})
    span = days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
    cores = "/".join(sorted({str(s["cores"]) for s in settings}))
    python = ", ".join(sorted({s["python"] for s in settings}))
    packages = ", ".join(sorted({s["package"] for s in settings}))
    return f"Measured {span} on {cores} cores with Python {python}: {packages}."


def speed(held: dict[str, Any]) -> str:
    """The tables of speed."""
    lines = ["| instance | units | stage: seconds | all |", "|---|--:|---|--:|"]
    for row in held["stages"]:
        seconds = row["seconds"]
        said = ", ".join(f"{stage} {value:.3g}" for stage, value in seconds.items())
        total = sum(seconds.values())
        lines.append(f"| {row['name']} | {row['units']:,} | {said} | {total:.3g} |")
    command = held["command"]
    steps = {
        "the command, the very first time (compiles)": f"{command['first']:.3g}",
        "the command, from a cold start": f"{command['cold']:.3g}",
        "the same work without the map in a warm process": f"{command['warm']:.3g}",
        "of which the solve": f"{command['solve']:.3g}",
    }
    lines += ["", f"`bailiwick design {command['file']} --territories {command['territories']}`:"]
    lines += ["", "| what | s |", "|---|--:|"]
    lines += [f"| {what} | {seconds} |" for what, seconds in steps.items()]
    return "\n".join([*lines, "", f"Peak memory of the command: {command['memory_mb']:.0f} MB."])


if __name__ == "__main__":
    main()
