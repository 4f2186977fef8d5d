"""A planner's first ten minutes, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.service.test_served import accounts, free_port, served


@pytest.mark.browser
def test_from_file_to_map_without_a_manual(chromium: Browser, tmp_path: Path) -> None:
    crm = tmp_path / "crm.csv"
    crm.write_bytes(accounts() + b"A-lost,,,5\n")
    with served(f"sqlite:///{tmp_path / 'b.db'}", free_port()) as (_, url):
        page = chromium.new_page()
        page.set_default_timeout(120_000)
        expect.set_options(timeout=120_000)
        troubles: list[str] = []
        elsewhere: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
        page.on(
            "request",
            lambda r: (
                None if r.url.startswith((url, "data:", "blob:")) else elsewhere.append(r.url)
            ),
        )

        page.goto(url)
        page.set_input_files("#upload input[type=file]", crm)
        page.get_by_role("button", name="Upload and locate").click()
        review = page.locator("[data-review]")
        expect(page.locator("td", has_text="crm.csv")).to_be_visible()
        review.click()
        expect(page.locator("#review tbody")).to_contain_text("A-lost")
        page.get_by_role("button", name="Close").click()

        page.fill("#design input[name=territories]", "3")
        page.select_option("#design select[name=measure]", "potential")
        page.get_by_role("button", name="Design the plan").click()
        plan = page.locator(".plan", has_text="crm.csv, 3 territories")
        expect(plan).to_be_visible()
        expect(plan).to_contain_text("400 / 401")
        plan.get_by_role("button", name="Publish").click()
        expect(page.locator(".plan.published .state")).to_have_text("published")

        with page.expect_download() as download:
            plan.locator("summary").click()
            plan.get_by_role("link", name="GeoJSON").click()
        assert download.value.suggested_filename.endswith(".geojson")
        plan.get_by_role("link", name="Open map").click()
        expect(page.locator(".leaflet-container")).to_be_visible()
        expect(page.locator(".leaflet-container canvas").first).to_be_visible()
        assert troubles == []
        assert elsewhere == []
        page.close()
