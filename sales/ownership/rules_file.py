"""engagement.toml, read strictly: an error names the file, the key, what is wrong, and the cure."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from geo.errors import OptionError
from sales.ownership.rules import Rules
from sales.toml_file import parsed, text_of

_HINTS: Final = {
    "extra_forbidden": "Mend its spelling, or take it out; docs/guide/ownership.md has all keys.",
    "missing": "Write it in; docs/guide/ownership.md has an example.",
    "literal_error": "Write one of the words that the message lists.",
}
_OTHERWISE: Final = "docs/guide/ownership.md has an example of each part."


def read_rules(path: Path) -> Rules:
    """Read a file of rules; raises UnreadableInputError or OptionError."""
    return rules_of(parsed(text_of(path), path.name), path.name)


def rules_of(document: Mapping[str, Any], source: str) -> Rules:
    """The rules in a parsed document; raises OptionError naming `source` and the key."""
    try:
        return Rules.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        first = found[0]
        key = key_of(first["loc"]) or "the file"
        words = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            words = "there is no such key"
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise OptionError(
            f"{source}: {key}: {words}{more}", hint=_HINTS.get(first["type"], _OTHERWISE)
        ) from error


def key_of(place: tuple[int | str, ...]) -> str:
    """Where a value stands: `named[2].rep` for the second entry of [[named]]."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else str(part)
    return text


def as_document(rules: Rules) -> dict[str, Any]:
    """The rules as JSON, days as text; what is left out is left out."""
    return rules.model_dump(mode="json", by_alias=True, exclude_none=True)
