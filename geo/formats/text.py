"""Text that neither a spreadsheet nor an XML reader takes for something else."""

import re

_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?\Z")
# XML 1.0 §2.2 leaves these out.
_NO_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def spreadsheet_safe(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would run it as a formula.

    After OWASP, "CSV Injection"; the full-width signs count too. A plain number stays one.
    """
    if text.startswith(FORMULA_STARTS) and not _NUMBER.match(text):
        return "'" + text
    return text


def encodable(text: str) -> str:
    """The text with a question mark for each lone surrogate, which UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode()


def xml_safe(text: str) -> str:
    """The text with U+FFFD for whatever XML cannot hold."""
    return _NO_CHARACTER.sub("\ufffd", text)
