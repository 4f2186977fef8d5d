"""Every kind of doubt about a row; `docs/row-issues.md` has a section for each."""

from enum import StrEnum

from sales.accounts.types import RowIssue, Severity


class IssueCode(StrEnum):
    """Stable names of doubts, as written to `review.csv`."""

    # The file as text
    ENCODING_GUESSED = "encoding_guessed"
    NUL_REMOVED = "nul_removed"
    BROKEN_QUOTE = "broken_quote"
    QUOTED_LINES = "quoted_lines"
    TOO_MANY_FIELDS = "too_many_fields"
    TOO_FEW_FIELDS = "too_few_fields"
    BAD_JSON = "bad_json"
    # The table's shape
    NO_HEADER = "no_header"
    TITLE_ROWS = "title_rows"
    DUPLICATED_HEADER = "duplicated_header"
    SHEET_CHOSEN = "sheet_chosen"
    MERGED_CELLS = "merged_cells"
    FORMULA_WITHOUT_VALUE = "formula_without_value"
    # Rows that are no accounts
    BLANK_ROW = "blank_row"
    TOTALS_ROW = "totals_row"
    REPORT_FOOTER = "report_footer"
    REPEATED_HEADER = "repeated_header"
    # Identity
    NO_ID_COLUMN = "no_id_column"
    MISSING_ID = "missing_id"
    DUPLICATE_ID = "duplicate_id"
    ID_LOST_DIGITS = "id_lost_digits"
    ID_CHECKSUM = "id_checksum"
    # Whereabouts
    ADDRESS_FALLBACK = "address_fallback"
    BAD_COORDINATE = "bad_coordinate"
    HALF_COORDINATE = "half_coordinate"
    ZERO_COORDINATE = "zero_coordinate"
    IMPOSSIBLE_COORDINATE = "impossible_coordinate"
    SWAPPED_COORDINATES = "swapped_coordinates"
    NOT_A_POINT = "not_a_point"
    # Measures
    MISSING_VALUE = "missing_value"
    NOT_A_NUMBER = "not_a_number"
    NEGATIVE_VALUE = "negative_value"
    ABSURD_VALUE = "absurd_value"
    AMBIGUOUS_NUMBER = "ambiguous_number"
    # Cells and units
    BAD_CELL = "bad_cell"
    DUPLICATE_CELL = "duplicate_cell"
    INVALID_GEOMETRY = "invalid_geometry"
    NULL_GEOMETRY = "null_geometry"
    SELF_EDGE = "self_edge"
    # Reps
    MISSING_CAPACITY = "missing_capacity"
    HOME_NOT_FOUND = "home_not_found"


WHOLE_FILE = 0


def doubt(row: int, column: str, code: IssueCode, message: str, hint: str) -> RowIssue:
    """A warning about one value (`row` 0: about the file); the account stays usable."""
    return RowIssue(row, "", column, code.value, message, hint, Severity.WARNING)


def exclusion(row: int, column: str, code: IssueCode, message: str, hint: str) -> RowIssue:
    """An error about one row, which keeps it out of every territory."""
    return RowIssue(row, "", column, code.value, message, hint, Severity.ERROR)


def shown(value: str, limit: int = 60) -> str:
    """`value` as quoted in a message: one line, not too long."""
    flat = " ".join(value.split())
    return f"“{flat[: limit - 1]}…”" if len(flat) > limit else f"“{flat}”"
