"""The accounts and the changes feed of a service, as the contract has them, in memory."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import httpx


@dataclass
class FakeBailiwick:
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    busy_every: int = 0
    calls: int = 0

    def own(self, account: str, territory: str, rep: str = "") -> None:
        self.changes.append(
            {
                "seq": len(self.changes) + 1, "account_id": account, "territory": territory,
                "rep": rep, "former_territory": "", "former_rep": "",
                "effective_at": "2026-01-01T00:00:00Z",
            }
        )  # fmt: skip

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        if self.busy_every and self.calls % self.busy_every == 0:
            return httpx.Response(503, json={"code": "unavailable"}, headers={"retry-after": "0"})
        path = unquote(request.url.path)
        if path == "/v1/accounts:batch":
            assert request.headers["idempotency-key"]
            rows = json.loads(request.content)["accounts"]
            return httpx.Response(200, json={"results": [self._upsert(row) for row in rows]})
        if path == "/v1/changes":
            since, limit = (int(request.url.params[name]) for name in ("since", "limit"))
            return httpx.Response(200, json={"changes": self.changes[since : since + limit]})
        account = path.removeprefix("/v1/accounts/")
        last = [c for c in self.changes if c["account_id"] == account][-1]
        return httpx.Response(200, json=last)

    def _upsert(self, row: dict[str, Any]) -> dict[str, Any]:
        key = row["external_id"]
        if not row.get("city"):
            why = {"code": "nothing_given", "reason": "no address"}
            return {"external_id": key, "status": "failed", **why}
        status = "updated" if key in self.accounts else "created"
        self.accounts[key] = row
        return {"external_id": key, "status": status}
