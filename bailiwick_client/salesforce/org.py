"""An org: asked by SOQL, changed by the sObject Collections API, a result per row."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    import requests
    from simple_salesforce.api import Salesforce

T = TypeVar("T")
PER_CALL: Final = 200  # records in one call, Salesforce's limit
API_VERSION: Final = "61.0"
_TRIES: Final = 4  # at rows that another process holds
_BUSY: Final = frozenset({"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED"})
# What a repetition after a lost answer runs into: it was done the first time.
GONE_ALREADY: Final = frozenset({"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"})
THERE_ALREADY: Final = frozenset({"DUPLICATE_VALUE"})


@dataclass(frozen=True)
class RowResult:
    """What became of one record; `errors` as Salesforce has them, {statusCode, message}."""

    ok: bool
    id: str
    errors: tuple[Mapping[str, Any], ...] = ()

    @property
    def reason(self) -> str:
        """The errors in words."""
        return "; ".join(f"{e.get('statusCode')}: {e.get('message')}" for e in self.errors)


class Org:
    """A logged-in connection."""

    def __init__(self, salesforce: "Salesforce", *, sleep: Callable[[float], object]) -> None:
        """Use `salesforce`; `sleep` waits between tries at rows that are held by others."""
        self._salesforce, self._sleep = salesforce, sleep

    def query(self, soql: str) -> Iterator[dict[str, Any]]:
        """All records of a query, page by page."""
        page = self._salesforce.query(soql)
        while True:
            for record in page["records"]:
                yield {name: value for name, value in record.items() if name != "attributes"}
            if page["done"]:
                return
            page = self._salesforce.query_more(page["nextRecordsUrl"], identifier_is_url=True)

    def query_in(self, soql: str, ids: Iterable[str]) -> Iterator[dict[str, Any]]:
        """The query once for each few of the ids, which stand where it has `{ids}`."""
        for some in batched(ids, PER_CALL):
            yield from self.query(soql.replace("{ids}", ", ".join(map(quoted, some))))

    def insert(self, sobject: str, records: Sequence[Mapping[str, Any]]) -> list[RowResult]:
        """Create records; one that is there already counts as created."""
        return self._write("POST", sobject, records, THERE_ALREADY)

    def update(self, sobject: str, records: Sequence[Mapping[str, Any]]) -> list[RowResult]:
        """Change records, each with its Id."""
        return self._write("PATCH", sobject, records, frozenset())

    def delete(self, ids: Sequence[str]) -> list[RowResult]:
        """Delete records of any kind; one that is not there any more counts as deleted."""
        return self._tried(list(ids), self._delete, GONE_ALREADY)

    def _write(
        self,
        method: str,
        sobject: str,
        records: Sequence[Mapping[str, Any]],
        fine: frozenset[str],
    ) -> list[RowResult]:
        def send(some: Sequence[Mapping[str, Any]]) -> list[RowResult]:
            rows = [{"attributes": {"type": sobject}, **record} for record in some]
            body = {"allOrNone": False, "records": rows}
            return _results(
                self._salesforce.restful("composite/sobjects", method=method, json=body)
            )

        return self._tried(list(records), send, fine)

    def _delete(self, ids: Sequence[str]) -> list[RowResult]:
        params = {"ids": ",".join(ids), "allOrNone": "false"}
        return _results(self._salesforce.restful("composite/sobjects", params, method="DELETE"))

    def _tried(
        self,
        rows: list[T],
        send: Callable[[Sequence[T]], list[RowResult]],
        fine: frozenset[str],
    ) -> list[RowResult]:
        """Send in calls of 200, those rows again that others held; results in order."""
        results: dict[int, RowResult] = {}
        waiting = list(range(len(rows)))
        for trial in range(_TRIES):
            held: list[int] = []
            for some in batched(waiting, PER_CALL):
                for at, result in zip(some, send([rows[i] for i in some]), strict=True):
                    codes = {str(e.get("statusCode")) for e in result.errors}
                    done = result.ok or bool(codes & fine)
                    results[at] = RowResult(done, result.id, () if done else result.errors)
                    if not done and codes & _BUSY:
                        held.append(at)
            waiting = held
            if not waiting or trial == _TRIES - 1:
                break
            self._sleep(2.0**trial)
        return [results[i] for i in range(len(rows))]


def connect(
    *,
    domain: str,
    consumer_key: str,
    consumer_secret: str,
    sleep: Callable[[float], object],
    session: "requests.Session | None" = None,
) -> Org:
    """Log in by OAuth 2.0 client credentials; `domain` is what stands before `.salesforce.com`.

    Calls that a busy org answers with 502 to 504 are sent again.
    """
    import requests
    from simple_salesforce.api import Salesforce

    session = session or patient(requests.Session())
    salesforce = Salesforce(
        domain=domain,
        consumer_key=consumer_key,
        consumer_secret=consumer_secret,
        version=API_VERSION,
        session=session,
    )
    return Org(salesforce, sleep=sleep)


def retries(backoff_s: float = 0.5) -> Any:
    """How a session retries: any method, as what we send may be sent twice."""
    from urllib3 import Retry

    return Retry(
        total=6, backoff_factor=backoff_s, status_forcelist=(502, 503, 504), allowed_methods=None,
        raise_on_status=False, respect_retry_after_header=True,
    )  # fmt: skip


def patient(session: "requests.Session") -> "requests.Session":
    """The session, retrying."""
    from requests.adapters import HTTPAdapter

    session.mount("https://", HTTPAdapter(max_retries=retries()))
    return session


def batched(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """The rows in lists of at most `size`."""
    source = iter(rows)
    while some := list(islice(source, size)):
        yield some


def quoted(text: str) -> str:
    """A SOQL string."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _results(answer: Any) -> list[RowResult]:
    return [
        RowResult(bool(row["success"]), str(row.get("id") or ""), tuple(row.get("errors") or ()))
        for row in answer or []
    ]
