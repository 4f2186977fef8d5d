"""The map in a real browser: what it shows, what it asks for, what it never does."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, expect

from app.maps import render_map
from app.maps.assets import STATIC
from geo.cells.holding import cell_index
from geo.cells.index import cell_to_hex
from sales.plan import PlanBundle
from tests.cells.mixed import mixed_market, points_around
from tests.maps.bundles import (
    HOSTILE,
    bundle,
    city_bundle,
    country,
    fiji_bundle,
    islands_bundle,
    units_bundle,
)

pytestmark = pytest.mark.browser

ORIGIN = "http://bailiwick.test"
NONCE = "c3RyaWN0bHk"
POLICY = (
    f"default-src 'none'; script-src 'nonce-{NONCE}'; style-src 'self' 'nonce-{NONCE}'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'"
)
KINDS = {".js": "text/javascript", ".css": "text/css", ".png": "image/png", ".svg": "image/svg+xml"}
Open = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a plan from disk, or served with a strict policy; fails on any complaint or request."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    complaints: list[str] = []
    foreign: list[str] = []

    def watch(request: Request) -> None:
        if not request.url.startswith(("file://", "data:", "blob:", ORIGIN)):
            foreign.append(request.url)

    def complains(message: ConsoleMessage) -> bool:
        # The tests themselves read pixels more often than Chromium likes.
        return message.type != "log" and "willReadFrequently" not in message.text

    def serve(route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN)
        if path == "/map":
            page = (tmp_path / "map.html").read_text(encoding="utf-8")
            route.fulfill(
                body=page,
                content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": POLICY},
            )
            return
        file = STATIC / path.removeprefix("/static/")
        if path.startswith("/static/") and file.is_file():
            route.fulfill(body=file.read_bytes(), content_type=KINDS[file.suffix])
        else:
            route.fulfill(status=404)

    def open_plan(plan: PlanBundle, *, served: bool = False, **options: str) -> Page:
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if complains(m) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append("failed: " + request.url))
        page.on("request", watch)
        if served:
            options |= {"asset_base": "/static/vendor", "nonce": NONCE}
        (tmp_path / "map.html").write_text(render_map(plan, **options), encoding="utf-8")
        page.goto(f"{ORIGIN}/map" if served else (tmp_path / "map.html").as_uri())
        expect(page.locator(".bw-panel h1")).to_be_visible()
        return page

    context.route(f"{ORIGIN}/**", serve)
    yield open_plan
    context.close()
    assert complaints == []
    assert foreign == []


def colours_on(page: Page, pane: str = "cells") -> int:
    """How many colours a canvas shows (transparent and half-transparent edges left out)."""
    count: int = page.evaluate(
        """(pane) => {
          const canvas = view.map.getPane(pane).querySelector("canvas");
          const { width, height } = canvas;
          const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
          const seen = new Map();
          for (let i = 0; i < pixels.length; i += 4) {
            if (pixels[i + 3] < 255) continue;
            const colour = (pixels[i] << 16) | (pixels[i + 1] << 8) | pixels[i + 2];
            seen.set(colour, (seen.get(colour) || 0) + 1);
          }
          return [...seen.values()].filter((many) => many > 400).length;
        }""",
        pane,
    )
    return count


def colour_by(page: Page, label: str) -> None:
    page.locator(".bw-colourings").get_by_text(label, exact=True).click()


def click_place(page: Page, lat: float, lng: float) -> None:
    x, y = page.evaluate(
        "(p) => { const at = view.map.latLngToContainerPoint(p); return [at.x, at.y]; }", [lat, lng]
    )
    page.mouse.click(x, y)


@pytest.mark.parametrize("served", [False, True], ids=["from disk", "served with a strict policy"])
def test_the_three_colourings_each_with_its_legend(open_page: Open, served: bool) -> None:
    page = open_page(city_bundle(), served=served)
    rows = page.locator(".bw-territories li")
    expect(rows).to_have_count(4)
    assert colours_on(page) >= 6  # three colours, full and pale
    colour_by(page, "Deviation")
    expect(page.locator(".bw-ramp")).to_be_visible()
    expect(rows.first).to_contain_text("+88.4 %")
    assert 3 <= colours_on(page) <= 4
    colour_by(page, "Potential per cell")
    expect(page.locator(".bw-classes li")).to_have_count(7)
    expect(page.locator(".bw-ramp")).to_have_count(0)
    colour_by(page, "Territory")
    expect(rows).to_have_count(4)


def test_pointing_at_a_cell_tells_and_clicking_tells_all(open_page: Open) -> None:
    plan = city_bundle()
    page = open_page(plan)
    page.evaluate("() => { view.map.removeLayer(layer_accounts); }")
    page.evaluate("() => { view.map.removeLayer(layer_review); }")
    territory = plan.document["territories"][0]
    label = page.evaluate("() => view.territories[0].label")
    x, y = page.evaluate(
        "(p) => { const at = view.map.latLngToContainerPoint(p); return [at.x, at.y]; }", label
    )
    page.mouse.move(x, y)
    expect(page.locator(".bw-tip")).to_contain_text(territory["name"])
    page.mouse.click(x, y)
    card = page.locator(".bw-popup")
    for text in (territory["name"], "Rep 1 Lindqvist", "Target", "+88.4 %", "Cell"):
        expect(card).to_contain_text(text)


def test_an_account_is_found_by_name_and_its_card_has_everything(open_page: Open) -> None:
    plan = city_bundle()
    page = open_page(plan)
    page.get_by_label("Find a territory, rep or account").fill("account 7 LTD")
    page.keyboard.press("Enter")
    row = plan.assignments.iloc[7]
    card = page.locator(".bw-popup")
    for text in ("Account 7 Ltd", "A000007", str(row["precision"])):
        expect(card).to_contain_text(text)


@pytest.mark.parametrize("words", ["territory 3", "rep 3"])
def test_territories_and_reps_are_found(open_page: Open, words: str) -> None:
    page = open_page(city_bundle())
    page.get_by_label("Find a territory, rep or account").fill(words)
    page.locator(".bw-results li").first.click()
    expect(page.locator(".bw-popup")).to_contain_text("Territory 3")


def test_clicking_a_marker_opens_its_account(open_page: Open) -> None:
    plan = city_bundle()
    page = open_page(plan)
    row = plan.assignments.iloc[5]
    page.evaluate(
        "(p) => { view.map.setView(p, 17, { animate: false }); }", [row["lat"], row["lng"]]
    )
    expect(page.locator("path.bw-account:not([d='M0 0'])").first).to_be_visible()
    click_place(page, row["lat"], row["lng"])
    expect(page.locator(".bw-popup")).to_contain_text("A000005")


def test_review_lists_every_line_and_leads_to_the_account(open_page: Open) -> None:
    plan = city_bundle(review=140)
    page = open_page(bundle(list(plan.units["cell"]), 4, 200, review=140))
    page.get_by_role("tab", name="Review (143)").click()
    page.locator("details.bw-orphan summary").click()
    lines = page.locator("details.bw-orphan li")
    expect(lines).to_have_count(100)
    page.get_by_role("button", name="Show more").first.click()
    expect(lines).to_have_count(140)
    expect(lines.first).to_contain_text("Neither address nor position")
    page.locator("details.bw-orphan button.bw-account-name").first.click()
    expect(page.locator(".bw-popup")).to_contain_text("none")


@pytest.mark.parametrize("served", [False, True], ids=["from disk", "served with a strict policy"])
def test_hostile_names_are_shown_and_nothing_else_happens(open_page: Open, served: bool) -> None:
    plan = bundle(list(city_bundle().units["cell"]), len(HOSTILE), 80, names=HOSTILE)
    page = open_page(plan, served=served, title=HOSTILE[3])
    assert page.title() == HOSTILE[3]
    expect(page.locator(".bw-panel h1")).to_have_text(HOSTILE[3])
    shown = page.locator(".bw-territories .bw-first").all_text_contents()
    assert [re.sub("\ufffd", "", name) for name in shown][:16] == list(HOSTILE[:16])
    for label in ("Deviation", "Potential per cell", "Territory"):
        colour_by(page, label)
    page.evaluate(
        """() => {
          for (const button of document.querySelectorAll(".bw-territories button")) button.click();
          view.territories.forEach((_, t) =>
            view.openCard(Bailiwick.areaTip(view, t, 0), [39.7, -105]));
          view.accounts.id.forEach((_, i) => Bailiwick.showAccount(view, i));
        }"""
    )
    for words in ("script", "img", "$", "`", "株式"):
        page.get_by_label("Find a territory, rep or account").fill(words)
        expect(page.locator(".bw-results li").first).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Review").click()
    page.evaluate("() => { for (const box of document.querySelectorAll('details')) box.open = 1; }")
    page.wait_for_timeout(200)
    assert page.evaluate("() => window.pwned") is None
    assert page.locator(".bw-panel img, .leaflet-popup img, .bw-names img, bdi *").count() == 0


def test_no_two_names_overlap_at_any_zoom(open_page: Open) -> None:
    page = open_page(bundle(country(3), 40, 200))
    for zoom in (2, 3, 4, 5.5):
        page.evaluate("(z) => { view.map.setView([39, -97], z, { animate: false }); }", zoom)
        page.wait_for_timeout(400)
        boxes = page.evaluate(
            """() => [...document.querySelectorAll(".bw-name, .bw-place")]
                 .filter((name) => !name.hidden).map((name) => name.getBoundingClientRect())
                 .map((box) => [box.left, box.top, box.right, box.bottom])"""
        )
        assert boxes
        for k, (left, top, right, bottom) in enumerate(boxes):
            for other in boxes[k + 1 :]:
                assert (
                    right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
                )


def test_cells_on_either_side_of_the_antimeridian_are_found_where_they_are_drawn(
    open_page: Open,
) -> None:
    page = open_page(fiji_bundle())
    assert colours_on(page) >= 6
    found = page.evaluate(
        "() => [179.5, -179.9, 180.1].map((lng) => view.cellIndex.at(-17, lng) >= 0)"
    )
    assert found == [True, True, True]
    east = page.evaluate("() => view.map.getBounds().getEast()")
    assert east > 180


def test_bridges_are_dashed(open_page: Open) -> None:
    page = open_page(islands_bundle())
    lines = page.locator("path.bw-bridge")
    expect(lines).to_have_count(3)
    assert lines.first.get_attribute("stroke-dasharray")


@pytest.mark.parametrize("outlined", [True, False])
def test_a_plan_of_units_shows_areas_or_points(open_page: Open, outlined: bool) -> None:
    page = open_page(units_bundle(outlined=outlined))
    if outlined:
        assert colours_on(page, "outlines") >= 1
        click_place(page, 52.6, 10.5)
        expect(page.locator(".bw-popup")).to_contain_text("Territory 3")
        page.keyboard.press("Escape")
        expect(page.locator(".bw-popup")).to_have_count(0)
    colour_by(page, "Potential per unit")
    expect(page.locator(".bw-classes li")).to_have_count(7)
    click_place(page, 50.25, 8.25)
    expect(page.locator(".bw-popup")).to_contain_text("unit-0")


def test_every_layer_can_be_switched_off_and_on(open_page: Open) -> None:
    page = open_page(islands_bundle())
    page.locator(".leaflet-control-layers").hover()
    boxes = page.locator(".leaflet-control-layers-overlays input")
    assert boxes.count() == 10
    for k in range(boxes.count()):
        boxes.nth(k).uncheck()
    expect(page.locator(".leaflet-pane canvas")).to_have_count(0)
    expect(page.locator(".bw-name, .bw-place, .bw-cluster, .bw-home, .bw-bridge")).to_have_count(0)
    for k in range(boxes.count()):
        boxes.nth(k).check()
    assert colours_on(page) >= 3


def test_on_a_phone_the_panel_leaves_the_map_free_until_asked(open_page: Open) -> None:
    page = open_page(city_bundle())
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(page.locator(".bw-colourings")).to_be_hidden()
    page.get_by_role("button", name="Show or hide the panel").click()
    expect(page.locator(".bw-colourings")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_a_hundred_thousand_cells_are_on_the_screen_within_ten_seconds(open_page: Open) -> None:
    cells = country(6, most=100_000)
    plan = bundle(cells, 40, 2_000)
    page = open_page(replace(plan, names=None))
    drawn = page.wait_for_function(
        "() => document.documentElement.dataset.cellsDrawn === '100000' && performance.now()"
    )
    assert drawn.json_value() < 10_000
    where = page.evaluate("() => view.cellIndex.id.map((id) => h3.cellToLatLng(id)[0])")
    assert len(where) == len(cells)
    assert np.isfinite(where).all()
    assert colours_on(page) >= 6


def test_cells_of_several_sizes_are_found_by_the_rule_of_the_plan(open_page: Open) -> None:
    cells = mixed_market(4, (39.7, -105.0), resolution=5)
    page = open_page(bundle(cell_to_hex(cells), 3, 40))
    lat, lng = points_around(1, cells, 600)
    found = page.evaluate(
        "([lat, lng]) => lat.map((y, i) => view.cellIndex.id[view.cellIndex.at(y, lng[i])] || '')",
        [lat.tolist(), lng.tolist()],
    )
    held = cell_index(cells).holders(lat, lng)
    same = [
        text == (cell_to_hex(cells[i : i + 1])[0] if i >= 0 else "")
        for text, i in zip(found, held.tolist(), strict=True)
    ]
    # Only a corner left out at the market's edge has no cell on the page.
    assert np.mean(same) > 0.98
    assert all(ok or text == "" for ok, text in zip(same, found, strict=True))
    assert page.evaluate("() => document.documentElement.dataset.cellsDrawn") == str(len(cells))
