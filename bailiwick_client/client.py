"""The client: one method for each thing that a CRM integration does."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx

from bailiwick_client.errors import JobFailedError
from bailiwick_client.events import jobs_of
from bailiwick_client.models import AccountResult, Change, Dataset, Job, PlanLine, Routed, Started
from bailiwick_client.transport import Transport


class Bailiwick:
    """A connection to a service. Use it as a context manager, or `close` it."""

    def __init__(
        self,
        url: str = "http://localhost:8000",
        *,
        key: str = "",
        timeout_s: float = 60.0,
        retries: int = 5,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Nothing is asked yet. `key`: an API key; `retries`: of 429, 503 and lost connections."""
        self._client = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=timeout_s,
            transport=transport,
        )
        self._sleep = sleep
        self._ask = Transport(self._client, retries=retries, sleep=sleep).ask

    def __enter__(self) -> "Bailiwick":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    # Datasets and plans

    def upload(
        self, file: str | Path | bytes, *, name: str = "", columns: Mapping[str, str] | None = None
    ) -> Dataset:
        """Upload a file; the same bytes are the same dataset. `columns`: field → header."""

        content = file if isinstance(file, bytes) else Path(file).read_bytes()
        name = name or ("upload" if isinstance(file, bytes) else Path(file).name)
        form = {"columns": json.dumps(dict(columns))} if columns else {}
        answer = self._ask("POST", "/v1/datasets", files={"file": (name, content)}, data=form)
        return Dataset.of(answer.json())

    def start_plan(self, dataset: str, *, idempotency_key: str = "", **wishes: Any) -> Started:
        """Ask for a plan; `wishes` as in `POST /v1/plans`. With a key of your own, once for all."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else None
        body = {"dataset": dataset, **wishes}
        return Started.of(self._ask("POST", "/v1/plans", json=body, headers=headers).json())

    def job(self, job: str) -> Job:
        """How far the work is."""
        return Job.of(self._ask("GET", f"/v1/jobs/{_part(job)}").json())

    def watch(self, job: str) -> Iterator[Job]:
        """The job at each change until it is over, by server-sent events."""
        address = f"/v1/jobs/{_part(job)}/events"
        yield from jobs_of(self._client, address, lambda: self.job(job))

    def wait(self, job: str, *, timeout_s: float | None = None, pause_s: float = 1.0) -> Job:
        """Wait until the job is done; raises JobFailedError, and TimeoutError after `timeout_s`."""
        end = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            found = self.job(job)
            if found.state == "done":
                return found
            if found.is_over:
                raise JobFailedError(job, found.state, dict(found.error or {}))
            if end is not None and time.monotonic() > end:
                raise TimeoutError(f"{job} is still {found.state}")
            self._sleep(pause_s)

    def stop(self, job: str) -> Job:
        """Stop the work and keep the best plan so far."""
        return Job.of(self._ask("DELETE", f"/v1/jobs/{_part(job)}").json())

    def plans(self) -> Iterator[PlanLine]:
        """The finished plans, newest first, page by page."""
        address: str | None = "/v1/plans"
        while address:
            page = self._ask("GET", address).json()
            yield from map(PlanLine.of, page["plans"])
            address = page["next"]

    def plan(self, plan: str) -> tuple[dict[str, Any], str]:
        """`plan.json` and its ETag."""
        answer = self._ask("GET", f"/v1/plans/{_part(plan)}")
        document: dict[str, Any] = answer.json()
        return document, answer.headers["etag"]

    def publish(self, plan: str, etag: str = "") -> PlanLine:
        """Put a plan in force; raises StaleError where it is not as `etag` says.

        Without an `etag` the plan is published as it is now.
        """
        headers = {"If-Match": etag or self.plan(plan)[1]}
        answer = self._ask("POST", f"/v1/plans/{_part(plan)}/publish", headers=headers)
        return PlanLine.of(answer.json())

    def export(self, plan: str, fmt: str, **options: str) -> bytes:
        """The plan as a file of another kind."""
        params = {"format": fmt, **options}
        return self._ask("GET", f"/v1/plans/{_part(plan)}/export", params=params).content

    # What a CRM asks

    def route(self, points: Sequence[Mapping[str, Any]]) -> list[Routed]:
        """Whose are these points? One answer for each, in their order."""
        if not points:
            return []
        answer = self._ask("POST", "/v1/route", json={"points": list(points)}).json()
        return [Routed.of(result) for result in answer["results"]]

    def account(self, external_id: str) -> dict[str, Any]:
        """Owner, territory, why, and since when."""
        found: dict[str, Any] = self._ask("GET", f"/v1/accounts/{_part(external_id)}").json()
        return found

    def upsert_account(self, external_id: str, account: Mapping[str, Any]) -> dict[str, Any]:
        """Send one account, new or known."""
        answer = self._ask("PUT", f"/v1/accounts/{_part(external_id)}", json=dict(account))
        kept: dict[str, Any] = answer.json()
        return kept

    def upsert_accounts(
        self, accounts: Iterable[Mapping[str, Any]], *, per_call: int = 1000
    ) -> Iterator[AccountResult]:
        """Send accounts, each with its `external_id`; a result for each, in their order."""
        source = iter(accounts)
        while batch := [dict(account) for account in islice(source, per_call)]:
            answer = self._ask("POST", "/v1/accounts:batch", json={"accounts": batch}).json()
            yield from map(AccountResult.of, answer["results"])

    def changes(self, since: int = 0, *, per_call: int = 1000) -> Iterator[Change]:
        """Changes of ownership behind `since`, in order, until there are no more.

        To resume, keep the `seq` of the last change that was dealt with.
        """
        while True:
            params = {"since": since, "limit": per_call}
            page = self._ask("GET", "/v1/changes", params=params).json()["changes"]
            for raw in page:
                change = Change.of(raw)
                yield change
                since = change.seq
            if not page:
                return


def _part(text: str) -> str:
    return quote(text, safe="")
