"""Reading a strict TOML table: what is not known or not of its type is an error with a remedy."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NoReturn

from geo.errors import InputError


@dataclass(frozen=True)
class Table:
    """A table of a TOML file; `where` is its place, for messages."""

    values: Mapping[str, Any]
    where: str

    def only(self, known: Sequence[str]) -> None:
        """Refuse any other key."""
        for key in self.values:
            if key not in known:
                near = get_close_matches(key, known, 1)
                meant = f"Did you mean {near[0]!r}? " if near else ""
                self.fail(f"the key {key!r} is not known", f"{meant}Keys are {', '.join(known)}.")

    def text(self, key: str, default: str = "") -> str:
        """A text."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or (key in self.values and not value.strip()):
            self.fail(f"{key} must be a text", f'Write for example {key} = "…".')
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        """A text, or a list of texts."""
        value = self.values.get(key, [])
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            self.fail(f"{key} must be a list of texts", f'Write for example {key} = ["…", "…"].')
        return tuple(v.strip() for v in value)

    def whole(self, key: str, least: int, most: int) -> int | None:
        """A whole number."""
        value = self.values.get(key)
        if value is None:
            return None
        if type(value) is not int or not least <= value <= most:
            self.fail(f"{key} must be a whole number from {least} to {most}", "")
        return value

    def number(self, key: str) -> float | None:
        """A finite number."""
        value = self.values.get(key)
        if value is None:
            return None
        if type(value) not in (int, float) or not abs(value) < float("inf"):
            self.fail(f"{key} must be a number", f"Write for example {key} = 1000, without quotes.")
        return float(value)

    def flag(self, key: str) -> bool | None:
        """True or false."""
        value = self.values.get(key)
        if value is not None and type(value) is not bool:
            self.fail(f"{key} must be true or false", "")
        return value

    def table(self, key: str) -> "Table | None":
        """A table within."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.fail(f"{key} must be a table", f"Write for example {key} = {{ … }}.")
        return Table(value, f"{self.where}, {key}")

    def fail(self, what: str, hint: str) -> NoReturn:
        """Raise InputError at this place."""
        raise InputError(f"{self.where}: {what}", hint=hint or "Correct the file.")


def toml_of(document: Mapping[str, Any]) -> str:
    """A JSON object as TOML text that says the same; null values are left out."""
    return "".join(f"{_key(k)} = {_value(v)}\n" for k, v in document.items() if v is not None)


def _key(name: str) -> str:
    return _text(name)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = (f"{_key(k)} = {_value(v)}" for k, v in value.items() if v is not None)
        return "{ " + ", ".join(inner) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(value: str) -> str:
    """As JSON, whose escapes are TOML's too, but for pairs of surrogates."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
