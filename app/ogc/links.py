"""Addresses, and links from one document to others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

GEOJSON: Final = "application/geo+json"
JSON: Final = "application/json"
HTML: Final = "text/html"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA: Final = "application/schema+json"
Link = dict[str, str]


@dataclass(frozen=True)
class Address:
    """`root` is the service's own address; `kept` the parameters that all links carry on."""

    root: str
    kept: Mapping[str, str] = field(default_factory=dict)

    def of(self, path: str, **params: Any) -> str:
        """The address of a path under /ogc, with the kept parameters before others."""
        return self.outside(f"/ogc{path}", **(dict(self.kept) | params))

    def outside(self, path: str, **params: Any) -> str:
        """The address of any path of the service."""
        query = urlencode({name: str(value) for name, value in params.items()}, errors="replace")
        safe = quote(path.encode("utf-8", "replace").decode(), safe="/")
        return f"{self.root}{safe}" + (f"?{query}" if query else "")


def link(href: str, rel: str, kind: str, title: str) -> Link:
    """A link to a document of a media type."""
    return {"href": href, "rel": rel, "type": kind, "title": title}


def itself(address: Address, path: str, form: str, kind: str, **params: Any) -> list[Link]:
    """Links to a document as it is shown and in its other form; `form` is json or html."""
    rel = {form: "self"}
    return [
        link(address.of(path, **params, f="json"), rel.get("json", "alternate"), kind, "As JSON"),
        link(address.of(path, **params, f="html"), rel.get("html", "alternate"), HTML, "As a page"),
    ]
