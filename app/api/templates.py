"""The service's own pages."""

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

DIRECTORY: Final = Path(__file__).parent.parent / "web" / "pages"
PAGES: Final = Environment(
    loader=FileSystemLoader(DIRECTORY),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
PAGES.filters["percent"] = lambda fraction: f"{100 * fraction:.1f} %"
PAGES.filters["grouped"] = lambda number: f"{number:,}".replace(",", "\u202f")
