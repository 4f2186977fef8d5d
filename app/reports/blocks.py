"""The parts that a page of a report is made of, whatever it is written as."""

from dataclasses import dataclass

from app.reports.drawing import Drawing


@dataclass(frozen=True)
class Figures:
    """The few figures that matter: (label, value, note); `tone` good, bad or none."""

    items: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True)
class Table:
    """Columns, of which the last `right` are numbers, and rows of words; `note` below."""

    title: str
    columns: tuple[str, ...]
    right: int
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    bars: tuple[float, ...] | None = None  # signed deviations in parts of the tolerance


@dataclass(frozen=True)
class Picture:
    """A map with what it shows."""

    drawing: Drawing
    caption: str


@dataclass(frozen=True)
class Text:
    """Paragraphs or points under a heading."""

    title: str
    points: tuple[str, ...]


Block = Figures | Table | Picture | Text


@dataclass(frozen=True)
class Page:
    """One report: a heading, what it is about, and its blocks; `foot` says where it is from."""

    title: str
    subtitle: str
    blocks: tuple[Block, ...]
    foot: str
