"""Records of delimited text: exact where the text is sound, mended line by line where it is not."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from sales.accounts.codes import IssueCode, doubt
from sales.accounts.quotes import forgiving_split
from sales.accounts.types import RowIssue

LONGEST_FIELD: Final = 10_000_000  # characters; a longer quoted field is an unclosed quote
_STAND_IN: Final = "\x1f"  # for delimiters of several characters, which the csv module lacks
_LINES_TRIED: Final = 50


class Records:
    """Iterate over (row, fields), `row` as a spreadsheet numbers it, blank lines without fields.

    `width` is the usual number of fields, needed to mend. Doubts gather in `issues`.
    Memory: one record, whatever the size of the file.
    """

    def __init__(self, lines: Iterable[str], delimiter: str, width: int) -> None:
        self.issues: list[RowIssue] = []
        self.nul_lines = 0
        self._lines = iter(lines)
        self._delimiter = delimiter
        self._width = width
        self._again: deque[str] = deque()
        self._taken: list[str] = []

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        csv.field_size_limit(LONGEST_FIELD)
        row, taken, several = 0, self._taken, len(self._delimiter) > 1
        while True:
            reader = csv.reader(self._feed(), delimiter=self._single, strict=True)
            try:
                for fields in reader:
                    row += 1
                    if len(taken) > 1:
                        self._doubt_lines(row)
                    taken.clear()
                    yield row, self._restored(fields) if several else fields
            except csv.Error:
                row += 1
                yield row, self._mended(row)
            else:
                return

    @property
    def _single(self) -> str:
        return self._delimiter if len(self._delimiter) == 1 else _STAND_IN

    def _feed(self) -> Iterator[str]:
        """Physical lines, remembering those of the record under way."""
        several = self._delimiter if len(self._delimiter) > 1 else None
        taken, again = self._taken, self._again
        while again:
            line = again.popleft()
            taken.append(line)
            yield line
        for line in self._lines:
            if "\0" in line:
                self.nul_lines += 1
                line = line.replace("\0", "")  # noqa: PLW2901
            if several:
                line = line.replace(several, _STAND_IN)  # noqa: PLW2901
            taken.append(line)
            yield line

    def _restored(self, fields: list[str]) -> list[str]:
        return [field.replace(_STAND_IN, self._delimiter) for field in fields]

    def _mended(self, row: int) -> list[str]:
        """The fields of the record that failed; the lines after it are read anew."""
        lines = self._taken.copy()
        self._taken.clear()
        for count in (1, *range(2, min(len(lines), _LINES_TRIED) + 1)):
            text = "".join(lines[:count])
            fields = forgiving_split(text, self._single, self._width, lines=count)
            if fields is not None and (count > 1 or len(fields) == self._width):
                break
        else:
            count = 1
            fields = forgiving_split(lines[0], self._single, self._width, lines=1) or [lines[0]]
        self._again.extendleft(reversed(lines[count:]))
        self.issues.append(
            doubt(
                row,
                "",
                IssueCode.BROKEN_QUOTE,
                "A quotation mark is opened and not closed, or stands inside a quoted value",
                "Double the quotation marks inside values, or export again; the row was read "
                "as a line of its own.",
            )
        )
        return self._restored(fields)

    def _doubt_lines(self, row: int) -> None:
        """Warn where a quoted value holds lines that look like rows: a quote may be missing."""
        inner = self._taken[1:-1] or self._taken[1:]
        separators = self._width - 1
        if separators < 2 or not any(line.count(self._single) == separators for line in inner):
            return
        self.issues.append(
            doubt(
                row,
                "",
                IssueCode.QUOTED_LINES,
                f"A quoted value spans {len(self._taken)} lines, some of which look like rows",
                "Look whether a quotation mark is missing; the value was kept as it is written.",
            )
        )
