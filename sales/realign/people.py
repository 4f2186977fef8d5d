"""Who is in the team before and after: the reps of a plan, those who leave, and those who join."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geo.errors import OptionError
from sales.plan import PlanBundle
from sales.realign.scenario import Join, Scenario
from sales.roster import Rep


@dataclass(frozen=True)
class Team:
    """The `reps` of a plan with the id and name of the `territory` of each, in the plan's order."""

    reps: tuple[Rep, ...]
    territories: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """Who stays (by place in the team), who `left` (places) and who `joined`."""

    stays: tuple[int, ...]
    left: tuple[int, ...]
    joined: tuple[Rep, ...]


def team_of(bundle: PlanBundle) -> Team:
    """The reps of a plan; a territory that names none stands for its own.

    Raises OptionError where a rep has several territories.
    """
    document = bundle.document
    known = {rep["territory"]: rep for rep in document["reps"]}
    reps = [_rep(t, known.get(t["id"])) for t in document["territories"]]
    ids = [rep.rep_id for rep in reps]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise OptionError(
            f"{', '.join(twice)} has several territories of the plan",
            hint="What-ifs need one territory for each rep.",
        )
    territories = tuple(str(t["id"]) for t in document["territories"])
    return Team(tuple(reps), territories, tuple(str(t["name"]) for t in document["territories"]))


def _rep(territory: Mapping[str, object], rep: Mapping[str, object] | None) -> Rep:
    identity, name = str(territory["id"]), str(territory["name"])
    if rep is None:
        return Rep(identity, name, 1.0)
    lat, lng = rep["lat"], rep["lng"]
    return Rep(
        str(rep["rep_id"]) or identity,
        (str(rep["name"]) if rep["rep_id"] else "") or name,
        float(str(rep["capacity"])),
        None if lat is None else float(str(lat)),
        None if lng is None else float(str(lng)),
    )


def changed(team: Team, scenario: Scenario, worth: Mapping[str, float]) -> Change:
    """The team after the scenario; `worth` territory → potential, of which the least end.

    Raises OptionError for a rep who is not there, is named twice, or if nobody would be left.
    """
    left = [_found(team, text) for text in scenario.leaves]
    twice = sorted({team.reps[k].rep_id for k in left if left.count(k) > 1})
    if twice:
        raise OptionError(f"{', '.join(twice)} leaves twice", hint="Name each rep once.")
    if scenario.headcount < 0:
        rest = [k for k in range(len(team.reps)) if k not in left]
        rest.sort(key=lambda k: (worth.get(team.territories[k], 0.0), team.territories[k]))
        left += rest[: -scenario.headcount]
    stays = [k for k in range(len(team.reps)) if k not in left]
    joins = [*scenario.joins, *[Join()] * max(scenario.headcount, 0)]
    if scenario.merger is not None:
        _refuse_same(team, scenario.merger.reps, scenario.merger.source)
    merged = scenario.merger.reps if scenario.merger is not None else ()
    if len(stays) + len(joins) + len(merged) < 1:
        raise OptionError("nobody would be left", hint="Let at least one rep stay.")
    taken = {rep.rep_id for rep in (*team.reps, *merged)}
    return Change(tuple(stays), tuple(sorted(left)), _joined(joins, taken))


def _found(team: Team, text: str) -> int:
    """The place of a rep by id, by name, or by territory."""
    wanted = text.strip().casefold()
    for names in (
        [rep.rep_id for rep in team.reps],
        [rep.name for rep in team.reps],
        team.territories,
        team.names,
    ):
        at = [k for k, name in enumerate(names) if name.casefold() == wanted]
        if len(at) == 1:
            return at[0]
        if len(at) > 1:
            raise OptionError(
                f"several reps are called “{text}”",
                hint=f"Give the id: {', '.join(team.reps[k].rep_id for k in at)}.",
            )
    known = ", ".join(f"{rep.rep_id} ({rep.name})" for rep in team.reps[:20])
    more = f" and {len(team.reps) - 20} more" if len(team.reps) > 20 else ""
    raise OptionError(f"nobody in the plan is called “{text}”", hint=f"There are {known}{more}.")


def _joined(joins: Sequence[Join], taken: set[str]) -> tuple[Rep, ...]:
    found = []
    for join in joins:
        number = 1
        identity = join.rep_id or join.name
        while not identity or (identity in taken and not join.rep_id):
            identity, number = f"new-{number}", number + 1
        if identity in taken:
            raise OptionError(
                f"a rep who joins has the id {identity}, which another has",
                hint="Give an id of their own, or none.",
            )
        taken.add(identity)
        city = join.place.partition(",")[0].strip()
        name = join.name or (f"New rep {city}" if city else f"New rep {identity}")
        found.append(Rep(identity, name, join.capacity, join.lat, join.lng))
    return tuple(found)


def _refuse_same(team: Team, others: Sequence[Rep], source: str) -> None:
    both = sorted({rep.rep_id for rep in team.reps} & {rep.rep_id for rep in others})
    if both:
        raise OptionError(
            f"{', '.join(both[:10])} of {source} is in this team too",
            hint="Reps of two teams need ids of their own: rename or leave out those who are both.",
        )
