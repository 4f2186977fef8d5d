"""The other team of a merger: from its plan's directory, or from its roster and alignment."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from geo.errors import OptionError
from geo.geocode.types import Geocoder
from sales.accounts.types import AccountTable
from sales.inputs import read_input
from sales.plan import PlanBundle
from sales.planfiles import read_plan
from sales.realign.market import market_of
from sales.realign.people import team_of
from sales.realign.scenario import Merger
from sales.roster import Rep, located_reps, read_roster
from sales.rules.alignment import Alignment, Held, alignment_of, read_alignment

_HINT = "Give `plan`, a plan's directory, or `reps`, a roster; beside them `input`, its accounts."


def merger_of(files: Mapping[str, Path], geocoder: Geocoder) -> Merger:
    """Read the files `plan`, or `reps` with or without `alignment`, and `input`.

    Raises OptionError for other combinations, and what reading them raises.
    """
    accounts = _accounts(files["input"]) if "input" in files else None
    if "plan" in files and not {"reps", "alignment"} & files.keys():
        return merger_of_plan(read_plan(files["plan"]), files["plan"].name, accounts)
    if "plan" in files or "reps" not in files:
        raise OptionError("a merger is of a plan, or of a roster", hint=_HINT)
    reps = located_reps(read_roster(files["reps"]), geocoder)[0]
    alignment = None
    if "alignment" in files:
        alignment = _of_reps(read_alignment(files["alignment"], by_rep=True), reps)
    return Merger(files["reps"].name, reps, alignment, accounts)


def merger_of_plan(bundle: PlanBundle, name: str, accounts: AccountTable | None) -> Merger:
    """Another plan's team; its accounts as its own files have them where none are given."""
    reps = team_of(bundle).reps
    alignment = alignment_of(bundle, name)
    held = zip(alignment.territories, reps, strict=True)
    alignment = replace(
        alignment, territories=tuple(Held(t.territory_id, t.name, rep) for t, rep in held)
    )
    if accounts is None:
        own = market_of(bundle, name)
        if not isinstance(own, AccountTable):
            raise OptionError("teams can be merged where both plans are of accounts", hint=_HINT)
        accounts = own
    return Merger(name, reps, alignment, accounts)


def _of_reps(alignment: Alignment, reps: tuple[Rep, ...]) -> Alignment:
    """The alignment with the roster's reps, where it names them by id or by name."""
    known = {rep.rep_id.casefold(): rep for rep in reps}
    known = {rep.name.casefold(): rep for rep in reps} | known
    held = []
    for territory in alignment.territories:
        own = territory.rep
        found = known.get(own.rep_id.casefold()) or known.get(own.name.casefold()) if own else None
        held.append(Held(territory.territory_id, territory.name, found))
    return replace(alignment, territories=tuple(held))


def _accounts(path: Path) -> AccountTable:
    found = read_input(path)
    if not isinstance(found, AccountTable):
        raise OptionError(f"{path.name} holds no accounts", hint=_HINT)
    return found
