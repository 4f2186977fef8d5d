"""A report as one HTML file: styles and map inside, no script, nothing fetched from anywhere."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.maps.text import html_text
from app.reports.blocks import Page, Picture
from app.reports.drawing import Drawing, Mark
from geo.arrays import Float

_FOLDER: Final = Path(__file__).parent.parent / "web" / "pages" / "report"
_BAR = 38.0  # pixels of a whole tolerance


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


@cache
def _style() -> str:
    return (_FOLDER / "page.css").read_text(encoding="utf-8")


@cache
def policy() -> str:
    """The Content-Security-Policy: the page's own styles, and nothing else at all."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def html_file(page: Page) -> bytes:
    """The page as bytes, the same for the same page."""
    blocks = [
        (type(block).__name__, {"svg": _svg(block.drawing), "caption": block.caption})
        if isinstance(block, Picture)
        else (type(block).__name__, block)
        for block in page.blocks
    ]
    text = (
        _environment()
        .get_template("page.html")
        .render(
            page=page,
            blocks=blocks,
            style=Markup(_style()),
            policy=Markup(policy()),
            bars=_bar,
        )
    )
    return text.encode("utf-8", "replace")


def _bar(part: float) -> Markup:
    """A deviation as a bar to the left or right; beyond the tolerance it has another colour."""
    shown = max(-1.0, min(part, 1.0)) * _BAR
    colour = "#c04a00" if abs(part) > 1 else "#0072b2"
    x = 40.0 + min(shown, 0.0)
    return Markup(
        '<svg width="80" height="12" viewBox="0 0 80 12" aria-hidden="true">'
        '<rect x="2" y="5.5" width="76" height="1" fill="#c8ced3"/>'
        f'<rect x="{x:.1f}" y="2" width="{max(abs(shown), 0.5):.1f}" height="8" fill="{colour}"/>'
        '<rect x="39.5" y="0" width="1" height="12" fill="#4a5158"/></svg>'
    )


def _svg(drawing: Drawing) -> Markup:
    parts = [
        f'<svg class="map" viewBox="0 0 {drawing.width:g} {drawing.height:g}" role="img"'
        f' aria-label="{html_text(drawing.words)}">'
    ]
    for area in drawing.areas:
        path = "".join(_path(ring, closed=True) for ring in area.rings)
        strong = ' stroke="#003a5c" stroke-width="1.6"' if area.own else ' stroke="#fff"'
        parts.append(
            f'<path d="{path}" fill="{area.fill}" fill-opacity="{0.55 if area.own else 0.7}"'
            f' fill-rule="evenodd"{strong}><title>{html_text(area.title)}</title></path>'
        )
    lines = "".join(_path(line, closed=False) for line in drawing.lines)
    parts.append(
        f'<path d="{lines}" fill="none" stroke="#333" stroke-opacity="0.55" stroke-width="0.6"/>'
    )
    parts += [_mark(mark) for mark in drawing.marks]
    return Markup("".join(parts) + "</svg>")


def _path(line: Float, *, closed: bool) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in line.tolist())
    return f"M{points}{'Z' if closed else ''}"


def _mark(mark: Mark) -> str:
    at = f'x="{mark.x:.1f}" y="{mark.y:.1f}"'
    if mark.kind == "dot":
        return f'<circle cx="{mark.x:.1f}" cy="{mark.y:.1f}" r="1.6" fill="#222"/>'
    size, colour = (13, "#8a2f00") if mark.kind == "number" else (10, "#111")
    return (
        f'<text {at} font-size="{size}" font-family="sans-serif" font-weight="600" fill="{colour}"'
        ' text-anchor="middle" dominant-baseline="central" stroke="#fff" stroke-width="2.5"'
        f' paint-order="stroke" stroke-linejoin="round">{html_text(mark.text)}</text>'
    )
