"""Numbers as people and spreadsheets write them: “$1,234.50”, “1.234,50 €”, “(12)”, “1.5M”."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geo.arrays import Bool, Float
from sales.accounts.blanks import NOTHING
from sales.accounts.raw import mask_of

LARGEST: Final = 1e15  # beyond it a double no longer holds single units

_PLAIN: Final = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$"
_GROUPED: Final = r"^[+-]?\d{1,3}([.,]\d{3})$"  # “1,234”: thousands or decimals?
_POINT: Final = (
    r"^[+-]?(\d+\.(\d{1,2}|\d{4,})|0?\.\d+)$"  # the point is the decimal sign for certain
)
_SPACES: Final = re.compile(r"[\s\u00a0\u2007\u2009\u202f'’`_]")
_MONEY: Final = re.compile(
    r"US\$|[A-Z]{0,2}\$|[€£¥₹₽₩₺₪₫฿₴₦₱]"
    r"|\b(?:USD|EUR|GBP|CHF|JPY|CNY|CAD|AUD|NZD|INR|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|ZAR|SGD|HKD)\b"
    r"|(?<=\d)(?:USD|EUR|GBP|CHF|CAD|AUD)|(?:USD|EUR|GBP|CHF|CAD|AUD)(?=[\d.,(-])",
    re.IGNORECASE,
)
_SUFFIX: Final = re.compile(
    r"(?<=[\d.,])(k|tsd\.?|thousand|m|mm|mn|mio\.?|mln|million|millions|b|bn|mrd\.?|billion|%)$",
    re.IGNORECASE,
)
_FACTORS: Final = {"k": 1e3, "t": 1e3, "m": 1e6, "b": 1e9, "%": 1e-2}
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_INFINITE: Final = re.compile(r"[+-]?(?:inf|infinity|∞)", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Numbers:
    """`value` (n) float64, NaN where blank or no number (inf is kept); masks of the doubts (n)."""

    value: Float
    blank: Bool
    text: Bool  # not blank, and not a number
    ambiguous: Bool  # “1,234” where nothing shows what the comma is
    decimal_comma: bool


def numbers_in(
    column: pa.ChunkedArray, *, comma_likely: bool = False, coordinate: bool = False
) -> Numbers:
    """Read a column of trimmed text (blanks as “”), shape (n).

    Whether “,” is the decimal sign is decided for the column by its unmistakable values, then by
    `comma_likely`. In a `coordinate` a lone separator is always the decimal sign.
    """
    n = len(column)
    blank = mask_of(pc.equal(column, ""))
    grouped = mask_of(pc.match_substring_regex(column, _GROUPED))
    simple = mask_of(pc.match_substring_regex(column, _PLAIN)) & ~grouped
    value = np.full(n, np.nan)
    chosen = column.filter(pa.array(simple))
    value[simple] = pc.cast(chosen, pa.float64()).to_numpy()
    rest = np.flatnonzero(~simple & ~blank)
    words = column.take(pa.array(rest)).to_pylist()
    read = {word: _stripped(word) for word in dict.fromkeys(words)}
    votes = sum(_vote(body) for body, _ in read.values() if body)
    votes -= int(mask_of(pc.match_substring_regex(chosen, _POINT)).sum())
    comma = votes > 0 or (votes == 0 and comma_likely)
    parsed = {
        word: _value(body, factor, comma=comma, coordinate=coordinate)
        for word, (body, factor) in read.items()
    }
    value[rest] = np.array([parsed[word] for word in words], dtype=np.float64)
    unread = {word for word, number in parsed.items() if np.isnan(number) and word not in NOTHING}
    text = np.zeros(n, dtype=bool)
    text[rest] = [word in unread for word in words]
    return Numbers(value, blank, text, grouped & (votes == 0) & (not coordinate), comma)


def _stripped(word: str) -> tuple[str, float]:
    """The bare number in `word` and the factor that its sign, suffix and brackets make."""
    body, factor = _SPACES.sub("", word).replace("−", "-"), 1.0
    body = _MONEY.sub("", body)
    if body.startswith("(") and body.endswith(")"):
        body, factor = body[1:-1], -1.0
    body = _MONEY.sub("", body)
    if suffix := _SUFFIX.search(body):
        factor *= _FACTORS[suffix.group(1)[0].lower()]
        body = body[: suffix.start()]
    if body.endswith("-"):
        body, factor = body[:-1], -factor
    return body.removesuffix(",").removesuffix(".") if len(body) > 1 else body, factor


def _vote(body: str) -> int:
    """+1 where the comma must be the decimal sign, -1 where it must be the point, else 0."""
    dots, commas = body.count("."), body.count(",")
    if dots and commas:
        return 1 if body.rfind(",") > body.rfind(".") else -1
    if dots + commas == 0:
        return 0
    sign = 1 if commas else -1
    if dots + commas > 1:
        return -sign
    whole, _, decimals = body.lstrip("+-").partition("," if commas else ".")
    return sign if len(decimals) != 3 or whole in ("", "0") or len(whole) > 3 else 0


def _value(body: str, factor: float, *, comma: bool, coordinate: bool) -> float:
    if _INFINITE.fullmatch(body):
        return float("-inf" if body.startswith("-") else "inf") * factor
    vote = _vote(body)
    comma = vote > 0 or (vote == 0 and comma)
    if coordinate and body.count(",") + body.count(".") == 1:
        body = body.replace(",", ".")
    else:
        group, decimal = (".", ",") if comma else (",", ".")
        if group in body and not _grouped_well(body, group, decimal):
            return np.nan
        body = body.replace(group, "").replace(decimal, ".")
    return float(body) * factor if _NUMBER.fullmatch(body) else np.nan


def _grouped_well(body: str, group: str, decimal: str) -> bool:
    """Whether thousands are grouped by three (or, in India, two), the last group by three."""
    first, *others = body.lstrip("+-").partition(decimal)[0].split(group)
    return 1 <= len(first) <= 3 and all(len(g) in (2, 3) for g in others) and len(others[-1]) == 3
