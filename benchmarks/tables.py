"""Results as Markdown: a table for each instance, the ratios to METIS, and where we lose."""

from collections.abc import Callable, Iterable, Sequence

from benchmarks.figures import Figures
from benchmarks.instances.types import TOLERANCE
from benchmarks.solvers import BY_NAME, OURS, REFERENCE
from benchmarks.store import Row, Sheet

Show = Callable[[float], str]


def _percent(value: float) -> str:
    return f"{100 * value:.2f}" if value < 0.1 else f"{100 * value:.3g}"


def _plain(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


COLUMNS: dict[str, tuple[str, Show]] = {
    "max_deviation": ("max dev %", _percent),
    "mean_deviation": ("mean dev %", _percent),
    "within_half_percent": ("within 0.5 %", lambda share: f"{100 * share:.0f} %"),
    "noncontiguous": ("broken", _plain),
    "empty": ("empty", _plain),
    "rms_km": ("rms km", _plain),
    "rms_cells_km": ("rms cells km", _plain),
    "cut_edges": ("cut edges", _plain),
    "pp": ("pp", lambda score: f"{score:.3f}"),
    "seconds": ("s", _plain),
    "cpu_seconds": ("CPU s", _plain),
    "memory_mb": ("MB", _plain),
}
_MORE_IS_BETTER = ("within_half_percent", "pp")
_WORSE_BY = 1.005  # less than that is noise


def quality(sheets: Sequence[Sheet]) -> str:
    """All instances, one after the other."""
    return "\n\n".join("\n".join(_sheet(sheet)) for sheet in sheets)


def _sheet(sheet: Sheet) -> Iterable[str]:
    yield f"### {sheet.name}"
    yield ""
    yield (
        f"{sheet.units:,} units, {sheet.territories} territories; {sheet.about}. The heaviest unit"
        f" holds {sheet.heaviest:.2f} of a target{_bound(sheet)}."
    )
    yield ""
    yield _line("solver", (title for title, _ in COLUMNS.values()))
    yield "|---|" + "--:|" * len(COLUMNS)
    rows = [row for row in sheet.rows if not BY_NAME[row.solver].front]
    for row in rows:
        yield _row(row)
    ours, reference = sheet.row(OURS), sheet.row(REFERENCE)
    if ours and reference and ours.runs and reference.runs:
        yield _line("**ratio to METIS k-way, 10**", _ratios(ours.medians, reference.medians))


def _bound(sheet: Sheet) -> str:
    if sheet.least_max_deviation <= 0:
        return ""
    return f", so that no plan can have a largest deviation below {sheet.least_max_deviation:.1%}"


def _row(row: Row) -> str:
    medians = row.medians
    if not medians:
        return _line(row.solver, [row.note, *[""] * (len(COLUMNS) - 1)])
    cells = [show(medians[key]) if key in medians else "–" for key, (_, show) in COLUMNS.items()]
    count = len(row.runs)
    name = f"{row.solver} ({count} seed{'' if count == 1 else 's'})"
    return _line(f"{name}; then {row.note}" if row.note else name, cells)


def _ratios(ours: Figures, other: Figures) -> Iterable[str]:
    for key in COLUMNS:
        known = key in ours and other.get(key, 0.0) > 0
        yield f"**{ours[key] / other[key]:.3g}**" if known else "–"


def _line(head: str, cells: Iterable[str]) -> str:
    return f"| {head} | " + " | ".join(cells) + " |"


def losses(sheets: Sequence[Sheet]) -> str:
    """Each figure in which a peer is better than we are: of all plans, and of comparable ones."""
    lines = [
        "| instance | figure | ours | best of all | its max dev %, broken | best of comparable |",
        "|---|---|--:|---|---|---|",
    ]
    for sheet in sheets:
        ours = sheet.row(OURS)
        if ours is None or not ours.runs:
            continue
        peers = [row for row in sheet.rows if row.runs and not BY_NAME[row.solver].ours]
        usable = [row for row in peers if _comparable(row.medians, ours.medians)]
        for key, (title, show) in COLUMNS.items():
            best, near = _better(peers, ours.medians, key), _better(usable, ours.medians, key)
            if best is None:
                continue
            off, broken = best.medians["max_deviation"], best.medians["noncontiguous"]
            cells = [
                title, show(ours.medians[key]), _said(best, key),
                f"{_percent(off)}, {_plain(broken)}", _said(near, key) if near else "–",
            ]  # fmt: skip
            lines.append(_line(sheet.name, cells))
    return "\n".join(lines) if len(lines) > 2 else "Nowhere in this run."


def _comparable(theirs: Figures, ours: Figures) -> bool:
    """A plan one could use: whole territories, within the tolerance or no worse than ours."""
    whole = theirs["noncontiguous"] == theirs["empty"] == 0
    return whole and theirs["max_deviation"] <= max(TOLERANCE, ours["max_deviation"])


def _said(row: Row, key: str) -> str:
    return f"{row.solver}: {COLUMNS[key][1](row.medians[key])}"


def _better(peers: Sequence[Row], ours: Figures, key: str) -> Row | None:
    """The peer that is best in this figure, if it is better than we are."""
    known = [row for row in peers if key in row.medians]
    if not known or key not in ours:
        return None
    if key in _MORE_IS_BETTER:
        best = max(known, key=lambda row: row.medians[key])
        return best if best.medians[key] > ours[key] * _WORSE_BY else None
    best = min(known, key=lambda row: row.medians[key])
    return best if best.medians[key] * _WORSE_BY < ours[key] else None
