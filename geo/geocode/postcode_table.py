"""Reads a postal-code file in GeoNames' format: the operator's own, for any country.

Twelve columns separated by tabs, no header: country, code, place, name and code of three
administrative levels, latitude, longitude, accuracy; as `.txt` or zipped
(https://download.geonames.org/export/zip/, file readme.txt).
"""

import re
import zipfile
from pathlib import Path
from typing import IO, Final

import pandas as pd

from geo.errors import UnreadableInputError

_COLUMNS: Final = {0: "country", 1: "code", 2: "place", 3: "state", 9: "lat", 10: "lng"}
_NOT_IN_CODE: Final = re.compile(r"[^0-9A-Z]")
_HINT: Final = (
    "Give a postal-code file of GeoNames (allCountries.zip or one country's .zip or .txt): "
    "tab-separated, 12 columns, no header."
)


def compact(code: str) -> str:
    """A postal code in capitals without blanks and dashes."""
    return _NOT_IN_CODE.sub("", code.upper())


def read_postcodes(path: Path) -> dict[str, pd.DataFrame]:
    """The rows by country (two letters): columns code (compact), place, state, lat, lng.

    Rows without a usable position are left out. Raises UnreadableInputError where the file is
    missing, damaged or of another format.
    """
    try:
        frame = _read(path)
    except OSError as error:
        message = f"The postal-code file {path.name} cannot be opened: {error.strerror or error}."
        raise UnreadableInputError(message, hint="Check its path and its permissions.") from error
    except (ValueError, zipfile.BadZipFile) as error:
        message = f"The postal-code file {path.name} is not in GeoNames' format: {error}"
        raise UnreadableInputError(message, hint=_HINT) from error
    frame["lat"] = pd.to_numeric(frame["lat"], errors="coerce")
    frame["lng"] = pd.to_numeric(frame["lng"], errors="coerce")
    on_earth = frame["lat"].between(-90, 90) & frame["lng"].between(-180, 180)
    on_earth &= ~((frame["lat"] == 0) & (frame["lng"] == 0))
    frame = frame[on_earth & frame["country"].str.fullmatch("[A-Z]{2}")]
    if frame.empty:
        message = f"The postal-code file {path.name} has no row with a country and a position."
        raise UnreadableInputError(message, hint=_HINT)
    frame = frame.assign(code=frame["code"].str.upper().str.replace(_NOT_IN_CODE, "", regex=True))
    return {str(country): rows for country, rows in frame.groupby("country")}


def _read(path: Path) -> pd.DataFrame:
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            return _parse(file)
    with zipfile.ZipFile(path) as archive:
        tables = [n for n in archive.namelist() if n.lower().endswith(".txt")]
        tables = [n for n in tables if "readme" not in n.lower()]
        if len(tables) != 1:
            raise ValueError(f"expected one table in the archive, found {len(tables)}.")
        with archive.open(tables[0]) as file:
            return _parse(file)


def _parse(file: IO[bytes]) -> pd.DataFrame:
    return pd.read_csv(
        file,
        sep="\t",
        header=None,
        usecols=list(_COLUMNS),
        dtype=str,
        quoting=3,
        keep_default_na=False,
        encoding="utf-8",
    ).rename(columns=_COLUMNS)
