"""A report as PDF with the same content, the same bytes for the same page.

Type is DejaVu Sans, which has the letters of most of Europe, Greek, Cyrillic, Hebrew and Arabic;
what it has not (Chinese, Japanese, Korean) stands as empty boxes, and Arabic is not joined: the
HTML report shows these in full.
"""

import io
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from app.reports.blocks import Figures, Page, Picture, Table, Text
from app.reports.drawing import Drawing
from geo.arrays import Float

_WIDE = 522.0  # points between the margins of A4 and Letter alike
_GREY, _RULE = "#4a5158", "#dfe3e6"
_TONES = {"good": "#007a5a", "bad": "#c04a00", "": "#9aa4ad"}
_LONGEST = 300  # letters of a cell


@cache
def _fonts() -> None:
    """Register DejaVu as matplotlib ships it."""
    import matplotlib as mpl
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    pdfmetrics.registerFont(TTFont("DejaVu", str(folder / "DejaVuSans.ttf")))
    pdfmetrics.registerFont(TTFont("DejaVuBold", str(folder / "DejaVuSans-Bold.ttf")))
    pdfmetrics.registerFontFamily("DejaVu", normal="DejaVu", bold="DejaVuBold")


def pdf_file(page: Page) -> bytes:
    """The page as bytes."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph, Spacer

    _fonts()
    styles = _styles()
    out = io.BytesIO()
    margin = (A4[0] - _WIDE) / 2
    document = BaseDocTemplate(
        out, pagesize=A4, invariant=1, title=_clean(page.title), author="Bailiwick",
        subject=_clean(page.subtitle), leftMargin=margin, rightMargin=margin,
    )  # fmt: skip
    frame = Frame(margin, 44, _WIDE, A4[1] - 84, 0, 0, 0, 0)

    def foot(canvas: Any, _document: Any) -> None:
        canvas.setFont("DejaVu", 7)
        canvas.setFillColor(_GREY)
        canvas.drawString(margin, 26, _clean(page.foot)[:125])
        canvas.drawRightString(margin + _WIDE, 26, str(canvas.getPageNumber()))

    document.addPageTemplates(PageTemplate(frames=[frame], onPage=foot))
    story: list[Any] = [
        Paragraph(_text(page.title), styles["title"]),
        Paragraph(_text(page.subtitle), styles["sub"]),
    ]
    for block in page.blocks:
        if isinstance(block, Figures):
            story.append(_figures(block, styles))
        elif isinstance(block, Picture):
            story += [Spacer(1, 8), _map(block.drawing),
                      Paragraph(_text(block.caption), styles["note"])]  # fmt: skip
        elif isinstance(block, Text):
            story.append(Paragraph(_text(block.title), styles["head"]))
            story += [Paragraph("• " + _text(p), styles["body"]) for p in block.points]
        else:
            story += _table(block, styles)
    story += [Spacer(1, 10), Paragraph(_text(page.foot), styles["note"])]
    document.build(story)
    return out.getvalue()


def _clean(text: str) -> str:
    """Without what no font and no XML can carry."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if 0xD800 <= ord(c) <= 0xDFFF or ord(c) < 32 else c
        for c in text
    )


def _text(text: str) -> str:
    cut = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return escape(_clean(cut))


def _styles() -> dict[str, Any]:
    from reportlab.lib.styles import ParagraphStyle

    def style(name: str, size: float, **more: Any) -> ParagraphStyle:
        return ParagraphStyle(
            name, fontName=more.pop("font", "DejaVu"), fontSize=size, leading=size * 1.3,
            splitLongWords=1, wordWrap=None, **more,
        )  # fmt: skip

    return {
        "title": style("title", 17, font="DejaVuBold"),
        "sub": style("sub", 9, textColor=_GREY, spaceBefore=3, spaceAfter=8),
        "head": style("head", 11, font="DejaVuBold", spaceBefore=12, spaceAfter=4),
        "body": style("body", 8.5),
        "note": style("note", 7.5, textColor=_GREY, spaceBefore=3),
        "cell": style("cell", 8),
        "number": style("number", 8, alignment=2),
        "top": style("top", 8, font="DejaVuBold"),
        "topright": style("topright", 8, font="DejaVuBold", alignment=2),
        "figure": style("figure", 12, font="DejaVuBold"),
    }


def _figures(block: Figures, styles: dict[str, Any]) -> Any:
    from reportlab.lib.colors import HexColor, white
    from reportlab.platypus import Paragraph
    from reportlab.platypus import Table as Grid

    cells = [
        [Paragraph(_text(label), styles["note"]), Paragraph(_text(value), styles["figure"]),
         Paragraph(_text(note), styles["note"])]
        for label, value, note, _ in block.items
    ]  # fmt: skip
    look: list[tuple[Any, ...]] = [
        ("BACKGROUND", (0, 0), (-1, -1), HexColor("#f3f5f7")), ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("INNERGRID", (0, 0), (-1, -1), 6, white),
    ]  # fmt: skip
    for at, (_, _, _, tone) in enumerate(block.items):
        look.append(("LINEABOVE", (at, 0), (at, 0), 2.5, HexColor(_TONES[tone])))
    return Grid([cells], colWidths=[_WIDE / len(cells)] * len(cells), style=look)


def _table(block: Table, styles: dict[str, Any]) -> list[Any]:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import Paragraph
    from reportlab.platypus import Table as Grid

    found: list[Any] = [Paragraph(_text(block.title), styles["head"])]
    first = len(block.columns) - block.right
    rows = []
    if any(block.columns):
        rows.append(
            [
                Paragraph(_text(c), styles["top" if at < first else "topright"])
                for at, c in enumerate(block.columns)
            ]
        )
    for row in block.rows:
        rows.append(
            [
                Paragraph(_text(c), styles["cell" if at < first else "number"])
                for at, c in enumerate(row)
            ]
        )
    if block.rows:
        look: list[tuple[Any, ...]] = [
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, HexColor(_RULE)),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ]  # fmt: skip
        found.append(
            Grid(rows, colWidths=_widths(block), style=look, repeatRows=int(any(block.columns)))
        )
    if block.note:
        found.append(Paragraph(_text(block.note), styles["note"]))
    return found


def _widths(block: Table) -> list[float]:
    """Numbers get what they need, words share the rest; a column of single numbers is narrow."""
    count = len(block.columns)
    first = count - block.right
    longest = [
        max([len(block.columns[at]), *(len(row[at]) for row in block.rows)]) for at in range(count)
    ]
    fixed = {at: min(longest[at] * 5.4 + 14, 150.0) for at in range(first, count)}
    fixed |= {at: 26.0 for at in range(first) if longest[at] <= 2}
    rest = [at for at in range(first) if at not in fixed]
    left = _WIDE - sum(fixed.values())
    parts = sum(min(longest[at], 45) for at in rest) or 1
    return [fixed.get(at) or left * min(longest[at], 45) / parts for at in range(count)]


def _map(drawing: Drawing) -> Any:
    from reportlab.graphics.shapes import Circle, Group, Path, Rect, String
    from reportlab.graphics.shapes import Drawing as Sheet
    from reportlab.lib.colors import HexColor, white

    scale = min(_WIDE / drawing.width, 330.0 / drawing.height)
    height = drawing.height * scale
    sheet = Sheet(drawing.width * scale, height)
    sheet.add(Rect(0, 0, drawing.width * scale, height, fillColor=HexColor("#eef4f8"),
                   strokeColor=HexColor("#c8ced3"), strokeWidth=0.5))  # fmt: skip

    def trace(path: Any, line: Float, *, close: bool) -> None:
        for at, (x, y) in enumerate(line.tolist()):
            point = (round(x * scale, 2), round(height - y * scale, 2))
            (path.moveTo if at == 0 else path.lineTo)(*point)
        if close:
            path.closePath()

    group = Group()
    for area in drawing.areas:
        path = Path(fillColor=HexColor(area.fill), fillOpacity=0.55 if area.own else 0.7,
                    strokeColor=HexColor("#003a5c") if area.own else white,
                    strokeWidth=1.2 if area.own else 0.5, fillMode=0)  # fmt: skip
        for ring in area.rings:
            trace(path, ring, close=True)
        group.add(path)
    for line in drawing.lines:
        path = Path(fillColor=None, strokeColor=HexColor("#666666"), strokeWidth=0.35)
        trace(path, line, close=False)
        group.add(path)
    for mark in drawing.marks:
        x, y = mark.x * scale, height - mark.y * scale
        if mark.kind == "dot":
            group.add(Circle(x, y, 1.1, fillColor=HexColor("#222222"), strokeColor=None))
            continue
        size, colour = (9, "#8a2f00") if mark.kind == "number" else (6.5, "#111111")
        half = 0.32 * size * len(mark.text) + 1
        group.add(Rect(x - half, y - size * 0.5, 2 * half, size, rx=2, ry=2, strokeColor=None,
                       fillColor=white, fillOpacity=0.75))  # fmt: skip
        look = {"fontName": "DejaVuBold", "fontSize": size, "textAnchor": "middle"}
        group.add(String(x, y - size * 0.36, _clean(mark.text), fillColor=HexColor(colour), **look))
    sheet.add(group)
    sheet.hAlign = "CENTER"
    return sheet
