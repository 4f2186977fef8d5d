"""The summary in plan.json, with disruption and violations."""

from typing import Literal

from sales.plan_form.parts import Count, Number, Part, Text


class Counted(Part):
    """Accounts and what they are worth."""

    accounts: Count
    potential: Number


class Territories(Part):
    """What became of the territories in force."""

    continued: Count
    new: list[Text]
    ended: list[Text]


class Disruption(Part):
    """What changes hands against the plan in force."""

    measure: Text
    accounts: Count
    potential: Number
    share: Number
    account_share: Number
    of: Counted
    ended: Counted
    new: Counted
    territories: Territories
    limit: Number | None


class Summary(Part):
    """The plan in figures."""

    territories: Count
    accounts: Count
    assigned: Count
    review: Count
    max_deviation: Number
    mean_deviation: Number
    noncontiguous: Count
    bridges: Count
    rms_km: Number
    cut_edges: Count
    disruption: Disruption | None = None


class Violation(Part):
    """What the plan does not keep."""

    kind: Literal[
        "balance", "contiguity", "lock", "closed", "together", "apart", "limit", "disruption"
    ]
    territory: Text
    measure: Text
    value: Number
    limit: Number
    message: Text
