"""Who each row is: ids made whole, made up where missing, and told apart."""

import re
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.arrays import Bool, Int
from sales.accounts.blanks import without_blanks
from sales.accounts.codes import WHOLE_FILE, IssueCode, doubt, exclusion, shown
from sales.accounts.types import RowIssue

_ALPHABET: Final = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", dtype=np.uint8)
_FLOAT: Final = r"^(\d+)\.0+$"
_SCIENTIFIC: Final = re.compile(r"\d[.,]\d+[eE]\+\d+")
_ACCOUNT_PREFIX: Final = "001"  # how ids of Salesforce accounts begin


def without_point_zero(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """“12345.0”, a whole number that went through a float, as “12345”."""
    return pc.replace_substring_regex(column, _FLOAT, r"\1")


def ids_in(column: pa.ChunkedArray) -> list[str]:
    """The ids in a column of the file, trimmed, "" where there is none."""
    texts: list[str] = without_point_zero(without_blanks(column)).to_pylist()
    return texts


def record_keys(ids: np.ndarray[tuple[int], np.dtype[np.object_]]) -> list[str]:
    """What tells records apart: 18-character Salesforce ids without their three check characters,
    everything else as it is (upper and lower case differ)."""
    long = [at for at, value in enumerate(ids) if len(value) == 18 and value.isascii()]
    keys = list(ids)
    if long:
        text = np.array([ids[at] for at in long], dtype="S18")
        good = checksum(text) == np.array([ids[at][15:].upper() for at in long], dtype="S3")
        for at, right in zip(long, good, strict=True):
            if right and ids[at].isalnum():
                keys[at] = ids[at][:15]
    return keys


def checksum(
    ids: np.ndarray[tuple[int], np.dtype[np.bytes_]],
) -> np.ndarray[tuple[int], np.dtype[np.bytes_]]:
    """The three characters that Salesforce appends: one bit for each capital, five to a letter."""
    letters = np.frombuffer(ids.astype("S15").tobytes(), dtype=np.uint8).reshape(-1, 3, 5)
    capital = (letters >= ord("A")) & (letters <= ord("Z"))
    chosen = _ALPHABET[(capital * (1 << np.arange(5))).sum(axis=2)]
    return np.frombuffer(chosen.astype(np.uint8).tobytes(), dtype="S3")


def canonical_id(text: str) -> str:
    """The id by which a record is known, however it is written: Salesforce ids in 18 characters.

    An id of 15 letters and digits counts as Salesforce's if it begins with 0 or has a letter;
    one of 18 whose check characters fit gets them in capitals. Anything else stays as it is.
    """
    if not (text.isascii() and text.isalnum()):
        return text
    if len(text) == 15 and (text[0] == "0" or not text.isdecimal()):
        return text + _check_of(text)
    if len(text) == 18 and text[15:].upper() == (check := _check_of(text[:15])):
        return text[:15] + check
    return text


def _check_of(text: str) -> str:
    """`checksum` of one id."""
    parts = (text[:5], text[5:10], text[10:])
    bits = (
        sum(1 << at for at, letter in enumerate(part) if "A" <= letter <= "Z") for part in parts
    )
    return "".join(chr(_ALPHABET[five]) for five in bits)


def identified(
    column: pa.ChunkedArray | None, header: str, row: Int, excluded: Bool
) -> tuple[pd.Series, list[RowIssue]]:
    """An id for each row, and the doubts.

    A missing one becomes “row-17”. Of rows that are the same record the first is kept and the
    others are excluded. `excluded` (n): rows that are no accounts, and take nobody's id.
    """
    issues: list[RowIssue] = []
    if column is None:
        made = [f"row-{number}" for number in row]
        hint = "Name the column with --column account_id=HEADER, so that plans can be compared."
        message = "No column holds an account id; accounts are named by their row"
        return pd.Series(made, dtype="str"), [
            doubt(WHOLE_FILE, "", IssueCode.NO_ID_COLUMN, message, hint)
        ]
    ids = without_point_zero(column).to_pandas().to_numpy(dtype=object)
    missing = ids == ""
    given = set(ids)
    for at in np.flatnonzero(missing):
        name = f"row-{row[at]}"
        while name in given:
            name += "-"
        ids[at] = name
        if not excluded[at]:
            hint = "Give every account its CRM id."
            message = f"The account has no id; it is called “{name}”"
            issues.append(doubt(int(row[at]), header, IssueCode.MISSING_ID, message, hint))
    keys = record_keys(ids)
    frame = pd.DataFrame({"key": keys, "at": np.arange(len(ids))})[~excluded]
    first = frame.groupby("key", sort=False)["at"].transform("first")
    for at, other in zip(
        frame["at"][first != frame["at"]], first[first != frame["at"]], strict=True
    ):
        same = "" if ids[at] == ids[other] else f", there written {shown(ids[other])}"
        message = f"The id {shown(ids[at])} stands in row {row[other]} already{same}"
        hint = "Merge the records in the CRM; only the first row is used."
        issues.append(exclusion(int(row[at]), header, IssueCode.DUPLICATE_ID, message, hint))
    issues += _damaged(ids, keys, header, row, excluded)
    return pd.Series(ids, dtype="str"), issues


def _damaged(
    ids: np.ndarray[tuple[int], np.dtype[np.object_]],
    keys: list[str],
    header: str,
    row: Int,
    excluded: Bool,
) -> list[RowIssue]:
    issues: list[RowIssue] = []
    for at in np.flatnonzero(~excluded):
        value = ids[at]
        if value[0].isdigit() and "E+" in value.upper() and _SCIENTIFIC.fullmatch(value):
            message = f"A spreadsheet cut the id to {shown(value)}"
            hint = "Format the column as text before saving; different ids may now look the same."
            issues.append(doubt(int(row[at]), header, IssueCode.ID_LOST_DIGITS, message, hint))
        elif len(value) == 18 and value.startswith(_ACCOUNT_PREFIX) and keys[at] == value:
            if not (value.isascii() and value.isalnum()):
                continue
            message = f"The check characters of the Salesforce id {shown(value)} do not fit"
            hint = "A tool may have changed upper and lower case; export the ids again."
            issues.append(doubt(int(row[at]), header, IssueCode.ID_CHECKSUM, message, hint))
    return issues
