"""Small files that users write in TOML, read strictly: what is not understood is an error."""

import difflib
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from geo.errors import OptionError, UnreadableInputError

_KINDS: Final = {str: "a text", float: "a number", bool: "true or false", dict: "a table"}


def text_of(path: Path) -> str:
    """A file of UTF-8 text. Raises UnreadableInputError."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UnreadableInputError(
            f"{path} cannot be read: {error.strerror or error}", hint="Name a file that is there."
        ) from error
    except UnicodeDecodeError as error:
        raise UnreadableInputError(
            f"{path.name} is not UTF-8: {error}", hint="Save it as UTF-8 text."
        ) from error


def parsed(text: str, source: str) -> dict[str, Any]:
    """The document that TOML text holds. Raises UnreadableInputError naming `source`."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableInputError(
            f"{source} is not TOML: {error}",
            hint="Mend it there. Text stands in double quotes, dates as 2026-03-31 without quotes.",
        ) from error


def read_toml(path: Path) -> "Section":
    """The whole file as a section. Raises UnreadableInputError where it cannot be read."""
    return Section(parsed(text_of(path), path.name), path.name)


class Section:
    """A table of the file. Each key is taken once; `done` refuses the keys that nobody took."""

    def __init__(self, values: Mapping[str, Any], source: str, path: str = "") -> None:
        self.source = source
        self.path = path
        self._values = dict(values)
        self._known: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def keys(self) -> tuple[str, ...]:
        """The keys that stand in the file, in its order, not yet taken."""
        return tuple(self._values)

    def known(self, key: str) -> None:
        """Name a key that may stand here, for the hint of `done`."""
        if key not in self._known:
            self._known.append(key)

    def raw(self, key: str) -> Any:
        """Whatever stands there, unchecked."""
        self.known(key)
        return self._values.pop(key)

    def wrong(self, key: str, what: str, hint: str) -> OptionError:
        """An error that names the file and the key."""
        return OptionError(f"{self.source}, {self._at(key)}: {what}", hint=hint)

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without a default the key is required."""
        return str(self._take(key, str, default))

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        return bool(self._take(key, bool, default))

    def number(
        self,
        key: str,
        default: float | None = None,
        *,
        least: float = -math.inf,
        most: float = math.inf,
        above: float = -math.inf,
    ) -> float:
        """A finite number within `least` and `most`, and greater than `above`."""
        if key not in self and default is not None:
            self.known(key)
            return default
        try:
            value = float(self._take(key, float, default))
        except OverflowError as error:
            raise self.wrong(key, "is too large", "Give a smaller number.") from error
        if not (math.isfinite(value) and least <= value <= most and value > above):
            bounds = [f"above {above:g}"] if above > -math.inf else []
            bounds += [f"at least {least:g}"] if least > -math.inf else []
            bounds += [f"at most {most:g}"] if most < math.inf else []
            raise self.wrong(key, f"{value:g} is out of range", f"Give {' and '.join(bounds)}.")
        return value

    def whole(self, key: str, default: int | None = None, *, least: int = 0) -> int:
        """A whole number of at least `least`."""
        value = self.number(key, None if default is None else float(default), least=float(least))
        if value != int(value):
            raise self.wrong(key, f"{value:g} is not a whole number", "Give one, such as 3.")
        return int(value)

    def table(self, key: str) -> "Section":
        """A table below; empty where it is not there."""
        values = self._take(key, dict, {})
        return Section(values, self.source, self._at(key))

    def tables(self, key: str) -> list["Section"]:
        """A list of tables below; empty where it is not there."""
        self.known(key)
        values = self._values.pop(key, [])
        if not isinstance(values, list) or not all(isinstance(v, dict) for v in values):
            raise self.wrong(key, "is not a list of tables", f"Write [[{self._at(key)}]].")
        return [
            Section(value, self.source, f"{self._at(key)}[{at}]")
            for at, value in enumerate(values, 1)
        ]

    def numbers(self, key: str) -> dict[str, float]:
        """A table of text → finite number ≥ 0."""
        inside = self.table(key)
        return {name: inside.number(name, least=0.0) for name in inside.keys()}  # noqa: SIM118

    def done(self) -> None:
        """Raise OptionError where a key is left over."""
        for key in self._values:
            near = difflib.get_close_matches(key, self._known, 1)
            guess = f"Did you mean “{near[0]}”? " if near else ""
            allowed = ", ".join(self._known) or "none"
            raise self.wrong(key, "there is no such key", f"{guess}Known here: {allowed}.")

    def _take(self, key: str, kind: type, default: Any) -> Any:
        self.known(key)
        if key not in self._values:
            if default is None:
                raise self.wrong(key, "is missing", f"Add {self._at(key)}, {_KINDS[kind]}.")
            return default
        value = self._values.pop(key)
        good = isinstance(value, kind)
        if kind is float:
            good = isinstance(value, int | float) and not isinstance(value, bool)
        if not good:
            raise self.wrong(key, f"{value!r} is not {_KINDS[kind]}", f"Give {_KINDS[kind]}.")
        return value

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key
