"""What the documents promise about reading is what the code does."""

import re
from pathlib import Path

from sales.accounts.codes import IssueCode
from sales.accounts.synonyms import ADDRESS, SINGLE

DOCS = Path(__file__).parents[2] / "docs"


def test_every_row_issue_has_a_section_and_no_section_is_left_over() -> None:
    sections = re.findall(r"^### (\w+)$", (DOCS / "row-issues.md").read_text("utf-8"), re.MULTILINE)
    assert sections == [code.value for code in IssueCode]


def test_every_recognised_header_is_listed() -> None:
    accounts, _, _ = (DOCS / "formats.md").read_text("utf-8").partition("### Cell tables")
    listed = dict(re.findall(r"^\| `([\w ]+)` \| (.+) \|$", accounts, re.MULTILINE))
    for field, names in {**SINGLE, **ADDRESS}.items():
        assert listed[field] == ", ".join(names)
