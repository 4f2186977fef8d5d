"""Reports: what they say is right, whoever reads them; nothing in them runs or is fetched."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from app.reports.files import file_name, report, reports
from geo.errors import InputError, MissingColumnError, NotFoundError
from sales.plan import PlanBundle
from sales.planfiles import plan_files, write_files
from sales.report.content import plan_report, territory_report
from sales.report.given import read_activities, read_quota
from sales.report.types import Activity, Extras
from tests.cli.made_up import Run
from tests.maps.bundles import HOSTILE

PLAIN = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "main",
    "header",
    "h1",
    "h2",
    "p",
    "bdi",
    "dl",
    "div",
    "dt",
    "dd",
    "figure",
    "figcaption",
    "svg",
    "path",
    "text",
    "circle",
    "rect",
    "section",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "span",
    "ul",
    "li",
    "footer",
}


class Tags(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture
def hostile(plan: PlanBundle) -> PlanBundle:
    """The same plan with names that try everything."""
    around = [HOSTILE[i % len(HOSTILE)] for i in range(200)]
    territories = [t | {"name": around[i], "rep_name": around[i + 4]}
                   for i, t in enumerate(plan.document["territories"])]  # fmt: skip
    messages = [{"kind": "balance", "territory": "T01", "measure": "potential", "value": 1.0,
                 "limit": 0.1, "message": around[1]}]  # fmt: skip
    document = {**plan.document, "territories": territories, "violations": messages}
    return replace(plan, document=document, names=tuple(around[: len(plan.assignments)]))


def test_nothing_in_a_page_runs_or_is_fetched(hostile: PlanBundle) -> None:
    extras = Extras(title=HOSTILE[0], activities={})
    for name, content in reports(hostile, extras, ("html",), ()):
        tags = Tags()
        tags.feed(content.decode())
        assert {tag for tag, _ in tags.found} <= PLAIN, name
        for tag, attributes in tags.found:
            assert not [
                a for a in attributes if a.startswith("on") or a in ("src", "href", "style")
            ]
            if tag == "meta" and "http-equiv" in attributes:
                assert "default-src 'none'" in str(attributes["content"])
                assert "unsafe" not in str(attributes["content"])
    assert content.count(b"<style>") == 1


def test_hostile_names_neither_break_a_pdf_nor_change_its_bytes(hostile: PlanBundle) -> None:
    extras = Extras(title="株式会社 " + "مرحبا " + "x" * 500, activities={})
    for territory in (None, "T01"):
        first = report(hostile, territory, extras, "pdf")
        assert first.startswith(b"%PDF-")
        assert report(hostile, territory, extras, "pdf") == first
        page = report(hostile, territory, extras, "html")
        assert report(hostile, territory, extras, "html") == page


def test_a_territory_s_page_says_what_the_files_say(plan: PlanBundle) -> None:
    ids = plan.assignments["account_id"].tolist()
    had = dict.fromkeys(ids[:100], ("", "R1"))
    done = {key: Activity(2.0, 1.0) for key in ids[::2]}
    worth = {key: float(i) for i, key in enumerate(ids)}
    extras = Extras(worth=worth, had=had, activities=done, quota={"R0": 500.0})
    (first, *_) = plan.document["territories"]
    found = territory_report(plan, first["id"], extras)
    own = plan.assignments[plan.assignments["territory_id"] == first["id"]]
    assert (found.accounts, found.measures[0].total) == (len(own), first["potential"])
    assert found.measures[0].target == first["target"]
    assert found.worth_is_exact
    assert not territory_report(plan, first["id"]).worth_is_exact
    assert found.top[0].worth == max(worth[a] for a in own["account_id"])
    assert found.top[0].name.startswith("Firm ")
    assert found.moves is not None
    assert found.moves.by_rep
    came = sum(f.accounts for f in found.moves.gained)
    assert came == sum(a in had for a in own["account_id"])
    assert found.moves.kept.accounts == 0
    assert found.moves.new.accounts == len(own) - came
    assert found.quota is not None
    assert found.quota.quota == 500.0
    assert found.coverage is not None
    assert found.coverage.touched == sum(a in done for a in own["account_id"])
    assert found.coverage.hours == 2.0 * found.coverage.touched
    whole = plan_report(plan, extras)
    assert sum(line.accounts for line in whole.lines) == whole.assigned
    second = territory_report(plan, plan.document["territories"][1]["id"], extras)
    assert second.moves is not None
    assert sum(f.accounts for f in second.moves.lost) == sum(
        line.moved_in or 0 for line in whole.lines
    )
    assert whole.moves is not None
    assert sum(f.accounts for f in whole.moves.gained) == sum(f.accounts for f in second.moves.lost)


def test_both_forms_have_the_same_words(plan: PlanBundle, tmp_path: Path) -> None:
    from app.reports.blocks import Table
    from app.reports.compose import territory_page

    page = territory_page(plan, "T01", Extras(title="North"))
    html = report(plan, "T01", Extras(title="North"), "html").decode()
    for block in page.blocks:
        if isinstance(block, Table):
            for row in block.rows:
                assert all(f"<bdi>{cell}</bdi>" in html for cell in row)
    with pytest.raises(NotFoundError):
        territory_page(plan, "T99", Extras())


def test_a_page_of_a_trimmed_plan_has_nothing_of_others(plan: PlanBundle) -> None:
    from sales.trim import trimmed

    own = trimmed(plan, {"T01"})
    hidden = {t["name"] for t in plan.document["territories"][1:]} | {"R1", "R2", "T02", "T03"}
    hidden |= set(plan.assignments["account_id"][plan.assignments["territory_id"] != "T01"])
    for territory in (None, "T01"):
        text = report(own, territory, Extras(title="x"), "html").decode()
        words = set(text.replace("<", " ").replace(">", " ").replace("(", " ").split())
        assert not words & hidden


def test_the_command_writes_a_page_for_each(
    run: Run,
    plan: PlanBundle,
    tmp_path: Path,
) -> None:
    write_files(tmp_path / "plan", plan_files(plan))
    (tmp_path / "q.csv").write_text("rep,quota\nR0,1000\nR1,\n")
    (tmp_path / "a.csv").write_text("account_id,hours,visits\nA1,2,1\nA1,1,0\n")
    done = run("report", tmp_path / "plan", "--out", tmp_path / "out", "--pdf", "--json",
               "--quota", tmp_path / "q.csv", "--activities", tmp_path / "a.csv")  # fmt: skip
    assert done.code == 0
    names = ["plan", "T01", "T02", "T03", "T04"]
    assert sorted(done.document()["files"]) == sorted(
        f"{name}.{kind}" for name in names for kind in ("html", "pdf")
    )
    one = run("report", tmp_path / "plan", "--out", tmp_path / "one", "--territory", "T02")
    assert [p.name for p in (tmp_path / "one").iterdir()] == ["T02.html"]
    assert one.code == 0
    assert run("report", tmp_path / "plan", "--out", tmp_path / "x", "--territory", "T9").code == 2


def test_tables_beside_the_plan_are_read_or_refused_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('Rep ID;Quota\nR1;"$1,000.50"\nR2;\n')
    assert read_quota(path) == {"R1": 1000.5}
    path.write_text("rep,quota\nR1,1\nR1,2\n")
    with pytest.raises(InputError, match=r"row 3, .*stands twice"):
        read_quota(path)
    path.write_text("rep,quota\nR1,many\n")
    with pytest.raises(InputError, match="row 2, column “quota”: 'many'"):
        read_quota(path)
    path.write_text("rep,goal\nR1,1\n")
    with pytest.raises(MissingColumnError, match="quota"):
        read_quota(path)
    path.write_text("account_id,period,hours\nA1,H1,1.5\nA1,H2,2\n")
    assert read_activities(path) == {"A1": Activity(3.5, 0.0)}
    path.write_text("account_id,calls\nA1,1\n")
    with pytest.raises(MissingColumnError, match="hours or visits"):
        read_activities(path)


def test_file_names_are_plain_and_apart() -> None:
    names = ["T01", "../../etc", "plan", "a/b", "a:b", "", "Größe"]
    found = [file_name(name) for name in names]
    assert found[0] == "T01"
    assert len(set(found)) == len(names)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
               and not name.startswith(".") for name in found)  # fmt: skip
