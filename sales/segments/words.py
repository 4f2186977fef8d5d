"""What a segment's rule says, in words for people."""

from sales.segments.model import Condition, Segment


def rule_in_words(segment: Segment) -> str:
    """“the 50 largest by potential”, “employees at least 1,000”."""
    said = []
    if segment.listed:
        count = len(segment.listed)
        said.append(f"{count:,} account{'' if count == 1 else 's'} by name")
    if segment.top:
        said.append(f"the {segment.top.count:,} largest by {segment.top.by}")
    said += [" and ".join(_condition(c) for c in some) for some in segment.where]
    if segment.rest:
        said.append("all others")
    return "; or ".join(said)


def _condition(condition: Condition) -> str:
    words = []
    if condition.one_of is not None:
        words.append(" or ".join(condition.one_of))
    if condition.none_of is not None:
        words.append("not " + ", not ".join(condition.none_of))
    for value, name in (
        (condition.min, "at least"), (condition.above, "above"),
        (condition.max, "at most"), (condition.below, "below"),
    ):  # fmt: skip
        if value is not None:
            words.append(f"{name} {value:,.15g}")
    if condition.blank is not None:
        words.append("blank" if condition.blank else "given")
    return f"{condition.column} {' and '.join(words)}"
