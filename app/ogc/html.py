"""The same documents as pages for people: tables and links, without scripts."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_PAGES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "web" / "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# Without a nonce the page has the same bytes each time, and its ETag holds.
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
}


def page(kind: str, document: Mapping[str, Any], trail: list[tuple[str, str]], title: str) -> str:
    """A document as a page; `kind` names the template, `trail` is the way to it."""
    template = _PAGES.get_template(f"ogc/{kind}.html")
    return template.render(document=document, trail=trail, title=title)


def shown(value: Any) -> str:
    """A value in a table's cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def of_rel(links: list[dict[str, str]], *rels: str) -> list[dict[str, str]]:
    """The links of some relations, in their order."""
    return [link for link in links if link["rel"] in rels]


def page_of(links: list[dict[str, str]], rel: str) -> str:
    """The address of the page (not the data) with a relation, "" where there is none."""
    return next((k["href"] for k in links if k["rel"] == rel and k["type"] == "text/html"), "")


_PAGES.filters["shown"] = shown
_PAGES.globals["of_rel"] = of_rel
_PAGES.globals["page_of"] = page_of
