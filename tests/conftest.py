"""A real Chromium for the tests that need one; and the order in which files are begun."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

# Files of few but long tests. Begun first, none is left over when one core has no more work.
LONGEST = (
    "tests/test_notebooks.py",
    "tests/service/test_fuzz.py",
    "tests/exact/test_counties.py",
    "tests/service/test_worker.py",
    "tests/service/test_served.py",
    "tests/service/test_chaos.py",
    "tests/service/test_manager_sees.py",
    "tests/cli/test_realignment.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, the others as they come."""
    place = {path: at for at, path in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.split("::")[0], len(LONGEST)))


# An event loop runs in this thread while it is open, which no other module must find.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window; an error, not a skip, where it is missing."""
    path = shutil.which("chromium")
    if path is None:
        raise RuntimeError("no chromium on the PATH: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()
