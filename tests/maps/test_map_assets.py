import hashlib
import json
import re

import pytest

from app.maps.assets import SCRIPTS, STATIC, STYLES, asset_url, inline_asset

VENDOR = STATIC / "vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
SUMS = {path: digest for entry in MANIFEST for path, digest in entry["sha256"].items()}


@pytest.mark.parametrize("path", SUMS)
def test_vendored_files_are_what_npm_published(path: str) -> None:
    assert hashlib.sha256((VENDOR / path).read_bytes()).hexdigest() == SUMS[path]


def test_nothing_is_vendored_without_version_licence_and_sum() -> None:
    files = {
        file.relative_to(VENDOR).as_posix()
        for file in VENDOR.rglob("*")
        if file.is_file() and file.parent != VENDOR
    }
    assert files == set(SUMS)
    assert all(entry["version"] and entry["license"] for entry in MANIFEST)
    assert all(f"{entry['package']}/LICENSE" in SUMS for entry in MANIFEST)


@pytest.mark.parametrize("path", SCRIPTS)
def test_scripts_may_stand_in_a_page_and_need_no_eval(path: str) -> None:
    text = inline_asset(path)
    assert not re.search(r"</script|<!--|<script", text, re.IGNORECASE)
    assert not re.search(r"\beval\(|new Function\(", text)


@pytest.mark.parametrize("path", [path for path in SCRIPTS if path.startswith("map/")])
def test_our_own_scripts_never_make_markup_from_strings(path: str) -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", inline_asset(path)
    )


@pytest.mark.parametrize("path", STYLES)
def test_inlined_styles_ask_for_no_file(path: str) -> None:
    urls = re.findall(r"url\(([^)]*)\)", inline_asset(path))
    assert all(url.strip("'\"").startswith(("data:", "#")) for url in urls)


def test_own_scripts_are_served_beside_the_vendored_ones() -> None:
    assert asset_url("vendor/leaflet/leaflet.js", "/static/vendor") == (
        "/static/vendor/leaflet/leaflet.js"
    )
    assert asset_url("map/view.js", "/static/vendor/") == "/static/map/view.js"
