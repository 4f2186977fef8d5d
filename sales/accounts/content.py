"""What a file is, judged by its bytes and not by its name."""

import hashlib
import json
import zipfile
from enum import StrEnum
from pathlib import Path
from typing import Final

from geo.errors import EmptyInputError, UnreadableInputError
from sales.accounts.encoding import detect_encoding

READABLE: Final = "csv, tsv, txt, xlsx, parquet, jsonl, json, geojson, gpkg or shp"
SAMPLE_BYTES: Final = 1 << 16

_SIGNATURES: Final = (
    (b"\x89PNG", "a PNG picture"), (b"\xff\xd8\xff", "a JPEG picture"), (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"), (b"\x1f\x8b", "a gzip archive"), (b"BZh", "a bzip2 archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"), (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"), (b"\x7fELF", "a program"), (b"MZ\x90", "a program"),
    (b"ORC", "an ORC file"), (b"Obj\x01", "an Avro file"), (b"ARROW1", "an Arrow file"),
)  # fmt: skip


class Content(StrEnum):
    """The kinds of file that are read."""

    DELIMITED = "delimited text"
    WORKBOOK = "Excel workbook"
    PARQUET = "Parquet"
    JSON_LINES = "JSON lines"
    JSON = "JSON"
    GEOJSON = "GeoJSON"
    GEOPACKAGE = "GeoPackage"
    SHAPEFILE = "shapefile"


def content_of(path: Path) -> Content:
    """Tell what `path` holds.

    Raises EmptyInputError for a file of no bytes, UnreadableInputError for one that does not
    exist, cannot be opened, or is of another kind.
    """
    try:
        with path.open("rb") as file:
            head = file.read(SAMPLE_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableInputError(
            f"{path.name} cannot be opened: {reason}", hint="Check the path and its permissions."
        ) from error
    if not head.strip(b" \t\r\n\xef\xbb\xbf"):
        raise EmptyInputError(f"{path.name} is empty", hint="Export the accounts again.")
    return _by_signature(path, head) or _by_text(path, head)


def sha256_of(path: Path) -> str:
    """Hex digest of the file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _by_signature(path: Path, head: bytes) -> Content | None:
    if head.startswith(b"PK\x03\x04"):
        return _zipped(path)
    if head.startswith(b"PAR1"):
        return Content.PARQUET
    if head.startswith(b"SQLite format 3\x00"):
        return Content.GEOPACKAGE
    if head.startswith(b"\x00\x00\x27\x0a"):
        return Content.SHAPEFILE
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableInputError(
            f"{path.name} is an old .xls workbook, or one protected by a password",
            hint="Open it in a spreadsheet and save it as .xlsx without a password.",
        )
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            raise UnreadableInputError(
                f"{path.name} is {kind}, not a table", hint=f"Give a {READABLE} file."
            )
    return None


def _zipped(path: Path) -> Content:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableInputError(
            f"{path.name} is a damaged workbook or zip archive", hint="Export or save it again."
        ) from error
    if any(name.startswith("xl/") and name.endswith(".xml") for name in names):
        if size > 4 << 30:
            raise UnreadableInputError(
                f"{path.name} would unpack to {size >> 30} GiB", hint="Export it as CSV."
            )
        return Content.WORKBOOK
    raise UnreadableInputError(
        f"{path.name} is a zip archive, not an .xlsx workbook",
        hint="Unpack it, or save the table as .xlsx or .csv.",
    )


def _by_text(path: Path, head: bytes) -> Content:
    encoding = detect_encoding(head)
    if encoding is None:
        raise UnreadableInputError(
            f"{path.name} holds binary data, not a table", hint=f"Give a {READABLE} file."
        )
    text = head.decode(encoding.name, encoding.errors).lstrip("\ufeff \t\r\n")
    lowered = text[:500].lower()
    if lowered.startswith(("<!doctype", "<html", "<?xml", "<table")):
        raise UnreadableInputError(
            f"{path.name} is a web page or XML, not a table",
            hint="Perhaps a login page was saved, or a report as “.xls”: export it as CSV.",
        )
    if text.startswith(("{", "[")) and path.suffix.lower() not in (".csv", ".tsv", ".txt"):
        return _json_family(text)
    if text.startswith(('{"', "[{", "{\n", "{\r\n", "{ ")):
        return _json_family(text)
    return Content.DELIMITED


def _json_family(text: str) -> Content:
    first, _, rest = text.partition("\n")
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict) and value.get("type") != "FeatureCollection" and rest.strip():
        return Content.JSON_LINES
    start = "".join(text[:4000].split())
    if '"type":"FeatureCollection"' in start or '"type":"Feature"' in start:
        return Content.GEOJSON
    return Content.JSON
