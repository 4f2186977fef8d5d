"""Values that mean “nothing”."""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

# “NA” is Namibia and North America, “None” and “Null” are names: not in this list.
_NOTHING: Final = (
    "NULL", "null", "(null)", "#N/A", "#N/A!", "#NA", "N/A", "n/a", "#REF!", "#VALUE!", "#NAME?",
    "#DIV/0!", "#NUM!", "#NULL!", "NaN", "nan", "NAN", "<NA>", "NaT", "-", "--", "–", "—",
    "(blank)", "(leer)", "undefined", "[null]", "\\N",
)  # fmt: skip
NOTHING: Final = frozenset(_NOTHING)


def without_blanks(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """`column` trimmed, with “” for every value that means nothing."""
    text = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.is_in(text, value_set=pa.array(_NOTHING, text.type)), "", text)
