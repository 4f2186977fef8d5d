"""The page's scripts and styles: linked from the app, or written into the page."""

import base64
import mimetypes
import re
from functools import cache
from pathlib import Path
from typing import Final

STATIC: Final = Path(__file__).resolve().parent.parent / "web" / "static"

SCRIPTS: Final = (
    "vendor/leaflet/leaflet.js",
    "vendor/leaflet.markercluster/leaflet.markercluster.js",
    "vendor/leaflet.fullscreen/Control.FullScreen.js",
    "vendor/h3-js/h3-js.umd.js",
    "vendor/topojson-client/topojson-client.min.js",
    "map/view.js",
    "map/scales.js",
    "map/canvas.js",
    "map/basemap.js",
    "map/cells.js",
    "map/territories.js",
    "map/labels.js",
    "map/markers.js",
    "map/cards.js",
    "map/search.js",
    "map/panel.js",
)
STYLES: Final = (
    "vendor/leaflet/leaflet.css",
    "vendor/leaflet.markercluster/MarkerCluster.css",
    "vendor/leaflet.fullscreen/Control.FullScreen.css",
    "map/map.css",
)

_CSS_URL = re.compile(r"url\(\s*['\"]?(?!data:|#)([^'\")]+)['\"]?\s*\)")


def asset_url(path: str, asset_base: str) -> str:
    """Where the app serves `path`: vendored files under `asset_base`, our own beside it."""
    base = asset_base.rstrip("/")
    folder, _, rest = path.partition("/")
    return f"{base}/{rest}" if folder == "vendor" else f"{base.rpartition('/')[0]}/{path}"


@cache
def inline_asset(path: str) -> str:
    """The text of a script or style sheet, its pictures as data URIs."""
    file = STATIC / path
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".css":
        return _CSS_URL.sub(lambda match: f"url({_data_uri(file.parent / match[1])})", text)
    return text


def _data_uri(file: Path) -> str:
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode('ascii')}"
