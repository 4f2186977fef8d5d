"""The content of a report put into words and blocks."""

from collections.abc import Mapping

from app.maps.basemap import ATTRIBUTION
from app.reports.blocks import Block, Figures, Page, Picture, Table, Text
from app.reports.drawing import plan_drawing, territory_drawing
from sales.plan import PlanBundle
from sales.report.content import plan_report, territory_report
from sales.report.types import (
    Account,
    Coverage,
    Extras,
    Flow,
    Measure,
    Moves,
    PlanReport,
    Quota,
)

_RULES = {
    "cell": "lies in one of the territory's cells",
    "unit": "lies in one of the territory's units",
    "override": "given to this territory by hand",
    "named": "named account of this rep",
}
_FLOWS = 12  # listed


def amount(value: float) -> str:
    """A number as people read it: 4,726,346 or 0.25."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.4g}"


def percent(value: float, *, signed: bool = False) -> str:
    """A fraction in per cent, one digit; −0.0 is 0.0."""
    text = f"{100 * value:+.1f} %" if signed else f"{100 * value:.1f} %"
    return text.replace("-", "−") if text.strip("+-0. %") else "0.0 %"


def plan_page(bundle: PlanBundle, extras: Extras) -> Page:
    """The page of a plan."""
    found = plan_report(bundle, extras)
    within = sum(line.within for line in found.lines)
    lead = found.measures[0]
    blocks: list[Block] = [
        Figures(
            (
                ("Territories", f"{len(found.lines):,}", f"{within:,} keep every limit",
                 "good" if within == len(found.lines) else "bad"),
                ("Accounts", f"{found.assigned:,}", f"{found.review:,} to review", ""),
                (lead.name.capitalize(), amount(lead.total), "in all territories", ""),
                ("Largest deviation", percent(found.max_deviation),
                 f"allowed {percent(lead.tolerance or 0)}; mean {percent(found.mean_deviation)}",
                 "good" if found.max_deviation <= (lead.tolerance or 0) else "bad"),
            )
        )
    ]  # fmt: skip
    drawing = plan_drawing(bundle)
    if drawing is not None:
        said = "Territories with their ids, as far as there is room. Colours only tell them apart."
        more = " What lies far out is not shown." if drawing.cropped else ""
        blocks.append(Picture(drawing, said + more))
    blocks += _problems(found.violations)
    blocks.append(_lines(found))
    blocks += _moved(found.moves, whole=True)
    blocks += _quota(found.quota, lead.name)
    blocks += _covered(found.coverage, lead.name)
    blocks.append(_why(found.rules))
    return Page(
        found.plan, f"{len(found.lines):,} territories, balanced by {lead.name}", tuple(blocks),
        _foot(found.fingerprint, found.worth_of, found.worth_is_exact),
    )  # fmt: skip


def territory_page(bundle: PlanBundle, territory: str, extras: Extras) -> Page:
    """The page of one territory."""
    found = territory_report(bundle, territory, extras)
    lead = found.measures[0]
    within = abs(lead.deviation or 0.0) <= (lead.tolerance or 0.0)
    blocks: list[Block] = [
        Figures(
            (
                (lead.name.capitalize(), amount(lead.total), f"target {amount(lead.target or 0)}",
                 ""),
                ("Deviation", percent(lead.deviation or 0.0, signed=True),
                 f"allowed ±{percent(lead.tolerance or 0)}", "good" if within else "bad"),
                ("Accounts", f"{found.accounts:,}", f"in {found.cells:,} cells", ""),
                ("In one piece", "yes" if found.contiguous else "no", "",
                 "good" if found.contiguous else "bad"),
            )
        )
    ]  # fmt: skip
    table = bundle.assignments
    at = dict(zip(table["account_id"], table[["lat", "lng"]].to_numpy(float).tolist(), strict=True))
    places = [(at[a.account_id][0], at[a.account_id][1]) for a in found.top]
    drawing = territory_drawing(bundle, territory, places)
    if drawing is not None:
        blocks.append(
            Picture(
                drawing,
                "The territory in its neighbourhood, with state or country borders. Dots are"
                " accounts, numbers those of the table of the largest.",
            )
        )
    blocks += _problems(found.violations)
    blocks.append(_measures(found.measures))
    blocks.append(_accounts("Largest accounts", found.top, found.worth_of, found.moves is not None))
    blocks += _moved(found.moves, whole=False)
    blocks += _quota(found.quota, lead.name)
    blocks += _covered(found.coverage, lead.name)
    blocks.append(_why(found.rules))
    return Page(
        f"{found.territory_id} {found.name}", f"{found.rep or 'no rep yet'} · {found.plan}",
        tuple(blocks), _foot(found.fingerprint, found.worth_of, found.worth_is_exact),
    )  # fmt: skip


def _lines(found: PlanReport) -> Table:
    quota = any(line.quota is not None for line in found.lines)
    moved = any(line.moved_in is not None for line in found.lines)
    covered = any(line.covered is not None for line in found.lines)
    columns = ["Territory", "Rep", "Accounts", found.measures[0].name.capitalize(), "Deviation"]
    columns += ["Moved in"] * moved + ["Quota"] * quota + ["Covered"] * covered
    rows = []
    for line in found.lines:
        off = percent(line.measure.deviation or 0.0, signed=True)
        name, total = f"{line.territory_id} {line.name}", amount(line.measure.total)
        row = [name, line.rep or "–", f"{line.accounts:,}", total, off]
        row += [f"{line.moved_in:,}"] * moved if line.moved_in is not None else ["–"] * moved
        row += [amount(line.quota) if line.quota is not None else "–"] * quota
        row += [percent(line.covered) if line.covered is not None else "–"] * covered
        rows.append(tuple(row))
    bars = tuple(
        (line.measure.deviation or 0.0) / (line.measure.tolerance or 1.0) for line in found.lines
    )
    return Table(
        "Territories", tuple(columns), len(columns) - 2, tuple(rows),
        "Deviation is from the target; the bar shows it, up to the tolerance on either side."
        + (" Covered: share of the worth with any hour or visit." if covered else ""),
        bars,
    )  # fmt: skip


def _measures(measures: tuple[Measure, ...]) -> Table:
    rows = tuple(
        (
            m.name, amount(m.total), "–" if m.target is None else amount(m.target),
            "–" if m.deviation is None else percent(m.deviation, signed=True),
            "–" if m.tolerance is None else f"±{percent(m.tolerance)}",
        )
        for m in measures
    )  # fmt: skip
    return Table("Targets", ("Measure", "Has", "Target", "Deviation", "Allowed"), 4, rows,
                 "Measures without a target are told, not balanced.")  # fmt: skip


def _accounts(title: str, accounts: tuple[Account, ...], measure: str, moved: bool) -> Table:
    columns = ["#", "Account", *(["Before"] if moved else []), measure.capitalize(), "Share"]
    rows = []
    for number, a in enumerate(accounts, 1):
        name = f"{a.name} ({a.account_id})" if a.name else a.account_id
        rows.append((f"{number}", name, *([a.was or "nobody"] if moved else []), amount(a.worth),
                     percent(a.share)))  # fmt: skip
    return Table(title, tuple(columns), 2, tuple(rows), "" if rows else "No accounts.")


def _moved(moves: Moves | None, *, whole: bool) -> list[Block]:
    if moves is None:
        return []
    who = "rep" if moves.by_rep else "territory"

    def row(words: str, flows: tuple[Flow, ...]) -> tuple[str, ...]:
        return words, f"{sum(f.accounts for f in flows):,}", amount(sum(f.worth for f in flows))

    rows = [row(f"stay with their {who}", (moves.kept,))]
    if whole:
        rows.append(row(f"change their {who}", moves.gained))
    else:
        rows += [row("come in", moves.gained), row("go to others", moves.lost)]
    rows.append(row("had nobody before", (moves.new,)))
    found: list[Block] = [
        Table("What changes against the alignment in force", ("Accounts that …", "Number", "Worth"),
              2, tuple(rows))
    ]  # fmt: skip
    flows = [("from", f) for f in moves.gained] + [("to", f) for f in moves.lost]
    shown = tuple((f"{way} {f.other}", f"{f.accounts:,}", amount(f.worth))
                  for way, f in flows[:_FLOWS])  # fmt: skip
    more = f"and {len(flows) - _FLOWS} more" if len(flows) > _FLOWS else ""
    if shown:
        title = f"Accounts that leave a {who}" if whole else "From whom and to whom"
        found.append(Table(title, (who.capitalize(), "Accounts", "Worth"), 2, shown, more))
    return found


def _quota(quota: Quota | None, measure: str) -> list[Block]:
    if quota is None:
        return []
    rows = [("Quota", amount(quota.quota)), (measure.capitalize(), amount(quota.worth))]
    if quota.worth > 0:
        rows.append((f"Share of the {measure} that the quota asks for",
                     percent(quota.quota / quota.worth)))  # fmt: skip
    return [Table("Quota", ("", ""), 1, tuple(rows))]


def _covered(coverage: Coverage | None, measure: str) -> list[Block]:
    if coverage is None:
        return []
    share = coverage.touched / coverage.accounts if coverage.accounts else 0.0
    worth = coverage.touched_worth / coverage.worth if coverage.worth else 0.0
    rows = (
        ("Accounts with any hour or visit", f"{coverage.touched:,} of {coverage.accounts:,}"
         f" ({percent(share)})"),
        (f"{measure.capitalize()} of these", f"{amount(coverage.touched_worth)} of"
         f" {amount(coverage.worth)} ({percent(worth)})"),
        ("Hours", amount(coverage.hours)),
        ("Visits", amount(coverage.visits)),
    )  # fmt: skip
    found: list[Block] = [
        Table("Coverage", ("", ""), 1, rows, "Of the accounts as this plan assigns them.")
    ]
    if coverage.untouched:
        found.append(_accounts("Largest accounts that nobody touched", coverage.untouched, measure,
                               moved=False))  # fmt: skip
    return found


def _problems(violations: tuple[str, ...]) -> list[Block]:
    return [Text("What is not kept", violations)] if violations else []


def _why(rules: Mapping[str, int]) -> Text:
    points = tuple(
        f"{count:,} accounts: {_RULES.get(rule, 'by the rule “' + rule + '”')}."
        for rule, count in rules.items()
    )
    return Text("Why an account is here", points or ("No accounts.",))


def _foot(fingerprint: str, measure: str, exact: bool) -> str:
    said = f"Made by Bailiwick from plan {fingerprint[:16]}. Borders: {ATTRIBUTION}."
    if exact:
        return said
    return f"{said} {measure.capitalize()} of single accounts is an even share of their cell's."
