"""What the service answers. `raw` has the whole answer, with fields that are not named here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Dataset:
    """An uploaded file."""

    id: str
    accounts: int
    review: int
    measures: tuple[str, ...]
    raw: Raw

    @classmethod
    def of(cls, raw: Raw) -> "Dataset":
        """From the service's JSON."""
        return cls(raw["id"], raw["accounts"], raw["review"], tuple(raw["measures"]), raw)


@dataclass(frozen=True)
class Started:
    """A plan to come, and the job that makes it."""

    plan: str
    job: str
    raw: Raw

    @classmethod
    def of(cls, raw: Raw) -> "Started":
        """From the service's JSON."""
        return cls(raw["plan"], raw["job"], raw)


@dataclass(frozen=True)
class Job:
    """Long work: `queued`, `running`, `done`, `failed` or `cancelled`."""

    id: str
    state: str
    plan: str | None
    stage: str
    fraction: float
    best: str
    error: Raw | None
    raw: Raw

    @classmethod
    def of(cls, raw: Raw) -> "Job":
        """From the service's JSON."""
        return cls(
            raw["id"], raw["state"], raw.get("plan"), raw["stage"], raw["fraction"],
            raw.get("best") or "", raw.get("error"), raw,
        )  # fmt: skip

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in ("done", "failed", "cancelled")


@dataclass(frozen=True)
class PlanLine:
    """A plan in short."""

    id: str
    name: str
    state: str
    version: int
    raw: Raw

    @classmethod
    def of(cls, raw: Raw) -> "PlanLine":
        """From the service's JSON."""
        return cls(raw["id"], raw["name"], raw["state"], raw["version"], raw)


@dataclass(frozen=True)
class Routed:
    """Whose a point is, and why."""

    id: Any
    territory: str | None
    rep: str | None
    code: str
    reason: str
    raw: Raw

    @classmethod
    def of(cls, raw: Raw) -> "Routed":
        """From the service's JSON."""
        return cls(raw.get("id"), raw["territory"], raw["rep"], raw["code"], raw["reason"], raw)


@dataclass(frozen=True)
class AccountResult:
    """What became of an account that was sent; `error` is None where it was taken."""

    external_id: str
    status: str
    error: Raw | None
    raw: Raw

    @classmethod
    def of(cls, raw: Raw) -> "AccountResult":
        """From the service's JSON."""
        status, problem = str(raw.get("status", "")), None
        if status == "failed":
            problem = {"code": raw.get("code", ""), "reason": raw.get("reason", "")}
        return cls(str(raw.get("external_id") or ""), status, problem, raw)


@dataclass(frozen=True)
class Change:
    """From `effective_at` on, the account belongs to `territory` and `rep`; "" is nobody.

    `seq` is the cursor: give it as `since` to continue behind this change.
    """

    seq: int
    account_id: str
    territory: str
    rep: str
    former_territory: str
    former_rep: str
    effective_at: str
    raw: Raw

    @classmethod
    def of(cls, raw: Raw) -> "Change":
        """From the service's JSON."""
        return cls(
            raw["seq"], raw["account_id"], raw.get("territory") or "", raw.get("rep") or "",
            raw.get("former_territory") or "", raw.get("former_rep") or "",
            str(raw.get("effective_at") or ""), raw,
        )  # fmt: skip
