"""Which segment a lead belongs to: by name if it is an account of a list, else by its facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sales.accounts.headers import plain
from sales.accounts.identity import canonical_id
from sales.accounts.synonyms import SINGLE
from sales.segments.matching import Facts, claims_of
from sales.segments.model import Model
from sales.segments.read import model_of

if TYPE_CHECKING:
    from sales.plan import PlanBundle


# What CRMs call a field, as files' headers are recognised.
_FIELDS: Final = {plain(name): field for field, names in SINGLE.items() for name in (field, *names)}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The id of a segment, "" for none, and why; `territory` where the account is on a list."""

    segment: str
    why: str
    territory: int = -1


@dataclass(frozen=True, eq=False)
class Chooser:
    """`model` asked lead by lead.

    `member` the segment of each account of the plan by canonical id, `listed` the territory of
    those that are covered by list, `header` what the model's columns are called otherwise.
    """

    model: Model
    member: Mapping[str, str]
    listed: Mapping[str, int]

    def choose(self, account: str, segment: str, facts: Mapping[str, Any]) -> Chosen:
        """The segment: of the account if the plan has it, as told, else by the model's rules.

        A rule that asks for what is not known does not hold; `top` is for accounts of the plan.
        """
        if account in self.listed:
            name = self._names[self.member[account]]
            return Chosen(self.member[account], f"{account} is of {name}", self.listed[account])
        if self.member.get(account):
            return Chosen(self.member[account], f"{account} is of it in the plan")
        if segment:
            if segment in self._names:
                return Chosen(segment, "it says so")
            by_name = {name: id_ for id_, name in self._names.items()}
            if segment in by_name:
                return Chosen(by_name[segment], "it says so")
            return Chosen("", f"the plan has no segment {segment}")
        return self._by_rules(facts)

    @cached_property
    def _names(self) -> dict[str, str]:
        return {segment.id: segment.name for segment in self.model.segments}

    def _by_rules(self, facts: Mapping[str, Any]) -> Chosen:
        given = {plain(str(name)): value for name, value in facts.items()}
        meant = {_FIELDS[name]: value for name, value in given.items() if name in _FIELDS}
        known = {}
        for column in self.model.columns:
            name = plain(column)
            known[column] = given.get(name, meant.get(_FIELDS.get(name, column)))
        numbers = {c: np.array([_number(v)]) for c, v in known.items() if c in self._sizes}
        texts = {
            c: ["" if v is None else str(v).strip()]
            for c, v in known.items()
            if c not in self._sizes
        }
        nobody = np.zeros(1, dtype=bool)
        asked: list[str] = []
        for segment in self.model.segments:
            own = list(dict.fromkeys(c.column for some in segment.where for c in some))
            asked += [column for column in own if column not in asked]
            if claims_of(segment, Facts(numbers, texts, [""]), nobody)["rule"][0]:
                said = [f"{c} {_shown(known[c])}" for c in own if not _is_blank(known[c])]
                because = ", ".join(said) or "no segment before takes it"
                return Chosen(segment.id, because + _missing(asked, known))
        return Chosen("", "no segment takes it" + _missing(asked, known))

    @cached_property
    def _sizes(self) -> frozenset[str]:
        """Columns of numbers."""
        asked = {c.column for s in self.model.segments for some in s.where for c in some
                 if c.of_numbers}  # fmt: skip
        return frozenset(asked | {s.top.by for s in self.model.segments if s.top})


def _number(value: Any) -> float:
    """A size, NaN where none is given."""
    try:
        return float(str(value).replace(",", "")) if value is not None else np.nan
    except ValueError:
        return np.nan


def _is_blank(value: Any) -> bool:
    return value is None or value in ("", 0)


def _shown(value: Any) -> str:
    return f"{value:,.15g}" if isinstance(value, int | float) else f"{value:.60}"


def _missing(asked: Sequence[str], known: Mapping[str, Any]) -> str:
    """What was asked and not said; a table's blank number is 0."""
    blank = [column for column in asked if _is_blank(known[column])]
    return f"; not given: {', '.join(blank)}" if blank else ""


def chooser_of(bundle: "PlanBundle", index: Mapping[str, int]) -> Chooser:
    """Make a segmented plan's model ready to be asked; `index` of each territory by its id."""
    assert bundle.model is not None
    model = model_of(bundle.model, "model.toml", lists=True)
    lists = {s["id"] for s in bundle.document["segments"] if s["cover"] == "list"}
    member: dict[str, str] = {}
    listed: dict[str, int] = {}
    columns = ("account_id", "segment", "territory_id")
    for account, segment, territory in bundle.assignments[list(columns)].itertuples(index=False):
        key = canonical_id(account)
        if segment and key not in member:
            member[key] = segment
            if segment in lists and territory:
                listed[key] = index[territory]
    return Chooser(model, member, listed)
