import html
import json
import re

from hypothesis import given
from hypothesis import strategies as st

from app.maps.text import html_text, script_json
from tests.maps.bundles import HOSTILE

any_text = st.text(st.characters()) | st.sampled_from(HOSTILE)


@given(st.recursive(any_text, lambda inner: st.lists(inner) | st.dictionaries(any_text, inner)))
def test_a_data_block_can_neither_end_nor_open_markup_and_says_the_same(value: object) -> None:
    block = script_json(value)
    assert not re.search(r"[<>&\u2028\u2029]", block)
    assert json.loads(block) == value
    block.encode("utf-8")


@given(any_text)
def test_escaped_text_has_nothing_that_markup_or_a_template_literal_reacts_to(text: str) -> None:
    escaped = html_text(text)
    assert not re.search(r"[<>\"'`$\\{}]", escaped)
    assert not re.search(r"&(?!#?\w+;)", escaped)
    escaped.encode("utf-8")


def test_escaped_text_reads_as_it_was_written() -> None:
    name = "Müller & Söhne <GmbH> `${x}` \\ {{y}} \"q\" 'a'"
    assert html.unescape(html_text(name)) == name
