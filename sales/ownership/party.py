"""Who asks for an account: a territory of the plan, by its id or by its rep."""

from collections.abc import Collection, Mapping
from typing import Any

from geo.errors import OptionError


def party_of(
    document: Mapping[str, Any], rep: str, territory: str, among: Collection[str] | None = None
) -> int:
    """Index of the territory in plan.json; `rep` by id or name.

    Only territories `among` these count. Raises OptionError where there is not exactly one.
    """
    wanted = rep.casefold()
    own = [
        k
        for k, t in enumerate(document["territories"])
        if (among is None or t["id"] in among)
        and (t["id"] == territory if territory else wanted in _names(t))
    ]
    if len(own) == 1:
        return own[0]
    what = f"territory {territory!r}" if territory else f"territory of a rep {rep!r}"
    raise OptionError(
        f"the plan has {len(own) if own else 'no'} {what}" if not own or territory
        else f"the rep {rep!r} has {len(own)} territories in this plan",
        hint="Give the id of one of its territories, or the id or name of a rep who has one.",
    )  # fmt: skip


def _names(territory: Mapping[str, Any]) -> set[str]:
    names = (str(territory.get(key) or "").casefold() for key in ("rep", "rep_name"))
    return {name for name in names if name}
