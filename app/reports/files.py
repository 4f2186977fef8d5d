"""The reports of a plan as files by name."""

import hashlib
import re
from collections.abc import Iterator
from typing import Literal

from app.reports.blocks import Page
from app.reports.compose import plan_page, territory_page
from app.reports.html import html_file
from sales.plan import PlanBundle
from sales.report.types import Extras

Kind = Literal["html", "pdf"]
MEDIA = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}


def written(page: Page, kind: Kind) -> bytes:
    """The page in that form."""
    if kind == "html":
        return html_file(page)
    from app.reports.pdf import pdf_file

    return pdf_file(page)


def report(bundle: PlanBundle, territory: str | None, extras: Extras, kind: Kind) -> bytes:
    """The report on the plan, or on one of its territories; raises NotFoundError."""
    if territory is None:
        return written(plan_page(bundle, extras), kind)
    return written(territory_page(bundle, territory, extras), kind)


def reports(bundle: PlanBundle, extras: Extras, kinds: tuple[Kind, ...], chosen: tuple[str, ...]
            ) -> Iterator[tuple[str, bytes]]:  # fmt: skip
    """(file name, bytes) of the plan and each territory, or of the `chosen` territories alone."""
    ids = chosen or tuple(str(t["id"]) for t in bundle.document["territories"])
    for kind in kinds:
        if not chosen:
            yield f"plan.{kind}", written(plan_page(bundle, extras), kind)
        for territory in ids:
            yield f"{file_name(territory)}.{kind}", report(bundle, territory, extras, kind)


def file_name(territory: str) -> str:
    """A name that any disk takes; changed ids are told apart by a digest, and none is `plan`."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", territory).strip("-.")[:60]
    if plain == territory and plain.casefold() != "plan":
        return plain
    digest = hashlib.sha256(territory.encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return f"{plain or 'territory'}-{digest}"
