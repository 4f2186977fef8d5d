"""Rounds of one request and one kill each."""

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import sqlalchemy as sa

from app.settings import Settings
from app.store import migrate
from app.store.database import Database
from app.store.tables import Dataset, Job, Plan, Publication
from benchmarks.chaos import checks
from benchmarks.chaos.hosts import VICTIMS, Hosts

KINDS: Final = ("import", "design", "publish", "publish at once")
_LOOKS: Final = 3600  # for the end of a job, 50 ms apart


@dataclass
class Harm:
    """What went wrong, and what was done to bring it about."""

    lost: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    hit: Counter[str] = field(default_factory=Counter)  # state of the work when the kill came
    processes: Counter[str] = field(default_factory=Counter)  # killed, by whom it was aimed at
    snapshots: int = 0
    taken_up: int = 0  # jobs that were begun more than once

    def any(self) -> bool:
        """Whether anything went wrong."""
        return bool(self.lost or self.torn or self.duplicated or self.damaged)

    def summary(self) -> dict[str, Any]:
        """The figures, and up to ten cases of each harm."""
        harms = ("lost", "torn", "duplicated", "damaged")
        return {
            "kills": self.kills.total(), "by_kind": dict(self.kills), "hit": dict(self.hit),
            "processes": dict(self.processes), "snapshots_checked": self.snapshots,
            "jobs_begun_again": self.taken_up,
        } | {name: len(getattr(self, name)) for name in harms} | {
            "cases": {name: getattr(self, name)[:10] for name in harms if getattr(self, name)}
        }  # fmt: skip


def accounts(seed: int, rows: int) -> bytes:
    """A file of accounts in the US, another one for each seed."""
    rng = random.Random(seed)
    lines = ["Account ID,Latitude,Longitude,Annual Potential"]
    for i in range(rows):
        lat, lng = rng.uniform(38, 41), rng.uniform(-95, -90)
        lines.append(f"{seed}-{i},{lat:.5f},{lng:.5f},{rng.lognormvariate(8, 1):.2f}")
    return "\n".join(lines).encode()


class Chaos:
    """The state of a run: the processes, the database, what went wrong so far."""

    def __init__(
        self, database: Database, hosts: Hosts, seed: int, rows: int, kinds: Sequence[str]
    ) -> None:
        """Nothing is asked yet; files have so many `rows`, and requests are of these `kinds`."""
        self._rows, self._kinds = rows, kinds
        self.database, self.hosts, self.rng = database, hosts, random.Random(seed)
        self.harm = Harm()
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._seed, self._round = seed, 0
        self.dataset, self.plans = "", [""]
        self._lasts: dict[str, float] = {}  # seconds from request to end
        self._runs: dict[str, float] = {}  # of which at work

    def begin(self) -> None:
        """Make what the rounds need, and see how long each kind of work lasts undisturbed."""
        for kind in (
            "import",
            "design",
            *self._kinds,
        ):  # the first of each also loads the libraries
            began = time.monotonic()
            self._undisturbed(kind)
            self._lasts[kind] = time.monotonic() - began
            job = self._newest()
            if job.started_at and job.finished_at:
                self._runs[kind] = (job.finished_at - job.started_at).total_seconds()
        self._watcher.start()

    def end(self) -> None:
        """Look at the bytes of everything."""
        self._over.set()
        self._watcher.join()
        with checks.snapshot(self.database) as session:
            self.harm.torn += checks.torn(session)
            self.harm.damaged += checks.damaged(session)
            self.harm.taken_up = checks.count(session, Job.attempts > 1)

    def round(self, number: int) -> str:
        """One request with one kill at a random instant of it; says what happened."""
        kind = self._kinds[number % len(self._kinds)]
        at_once = kind == "publish at once"
        victim = self.rng.choice(("api", "both") if at_once else VICTIMS)
        aimed = not at_once and self.rng.random() < 0.7  # at the work itself, not at its waiting
        instant = self.rng.uniform(0, self._runs[kind] if aimed else self._lasts[kind] * 1.1)
        answers: list[httpx.Response] = []
        self._former = self._newest().id
        send = self._request(kind)
        client = threading.Thread(target=lambda: answers.append(_persistently(send)), daemon=True)
        client.start()
        if aimed:
            self._await_running()
        time.sleep(instant)
        state = self._state()
        killed = self.hosts.kill(victim)
        time.sleep(self.rng.uniform(0, 0.3))
        self.hosts.start()
        client.join()
        self.harm.kills[kind] += killed > 0  # a worker may be dead still from the round before
        self.harm.processes[victim] += killed
        self.harm.hit[f"{kind}: {state}"] += 1
        self._settle(kind, answers[0])
        return f"{number + 1}: {victim} ({killed}) killed {instant:.3f} s into {kind} ({state})"

    def _undisturbed(self, kind: str) -> None:
        self._settle(kind, _persistently(self._request(kind)))

    def _request(self, kind: str) -> Callable[[], httpx.Response]:
        self._round += 1
        self._key = str(uuid.UUID(int=self.rng.getrandbits(128)))
        headers = {"Idempotency-Key": self._key}
        options: dict[str, Any]
        with checks.snapshot(self.database) as session:
            self._before = checks.count(session, Publication.id > 0)
        if kind == "import":
            content = accounts(self._seed * 100_000 + self._round, self._rows)
            address, options = "/v1/datasets", {"files": {"file": ("crm.csv", content)}}
            headers["Prefer"] = "respond-async"
        elif kind == "design":
            wish = {"dataset": self.dataset, "territories": 4, "effort": "quick"}
            address, options = "/v1/plans", {"json": wish | {"name": f"round {self._round}"}}
        else:
            self._plan = self.plans[self._round % len(self.plans)]
            wait = "true" if kind == "publish at once" else "false"
            address, options = f"/v1/plans/{self._plan}/publish?wait={wait}", {}
            headers["If-Match"] = "*"
        url = self.hosts.url + address
        return lambda: httpx.post(url, headers=headers, timeout=60, **options)

    def _settle(self, kind: str, answer: httpx.Response) -> None:
        """Wait until the acknowledged work is done, and count what there is of it."""
        body, what = answer.json(), f"round {self._round}, {kind}"
        if answer.status_code not in (200, 202):
            self.harm.lost.append(f"{what}: {answer.status_code} {answer.text}")
            return
        if answer.status_code == 202:
            job = self._finished(body["job"])
            if job is None or job.state != "done":
                state = "never ended" if job is None else f"{job.state}: {job.error}"
                self.harm.lost.append(f"{what}: {state}")
                return
        with checks.snapshot(self.database) as session:
            if kind == "import":
                self.dataset = self.dataset or body["dataset"]
                made = checks.count(session, Dataset.id == body["dataset"])
                asked = checks.count(session, Job.dataset_id == body["dataset"], Job.kind == kind)
            elif kind == "design":
                self.plans = [*filter(None, self.plans), body["plan"]]
                name = f"round {self._round}"
                made = checks.count(session, Plan.name == name)
                asked = checks.count(session, Job.request["name"].as_string() == name)
            else:
                already = 0 if self._round_changes(session) else 1
                made = checks.count(session, Publication.id > 0) - self._before + already
                asked = 1
        if made == 0:
            self.harm.lost.append(f"{what}: nothing was made")
        if made > 1 or asked > 1:
            self.harm.duplicated.append(f"{what}: made {made} times by {asked} jobs")

    def _round_changes(self, session: sa.orm.Session) -> bool:
        """Whether the plan of this round was not in force before it."""
        trail = session.scalars(sa.select(Publication).order_by(Publication.id)).all()
        former = trail[self._before - 1].plan_id if self._before else None
        return former != self._plan

    def _finished(self, job_id: str) -> Job | None:
        for _ in range(_LOOKS):
            with checks.snapshot(self.database) as session:
                job = session.get(Job, job_id)
                if job is None or job.state not in ("queued", "running"):
                    return job
            time.sleep(0.05)
        return None

    def _await_running(self) -> None:
        former, end = self._former, time.monotonic() + 2 * max(self._lasts.values())
        while time.monotonic() < end:
            job = self._newest()
            if job.id != former and job.state != "queued":
                return
            time.sleep(0.001)

    def _state(self) -> str:
        job = self._newest()
        return f"{job.state} {job.stage}".strip() if job.state == "running" else job.state

    def _newest(self) -> Job:
        query = sa.select(Job).order_by(Job.created_at.desc()).limit(1)
        with checks.snapshot(self.database) as session:
            return session.scalars(query).one()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            with checks.snapshot(self.database) as session:
                self.harm.torn += checks.torn(session)
            self.harm.snapshots += 1


def _persistently(send: Callable[[], httpx.Response]) -> httpx.Response:
    """Ask until there is an answer, as a client that takes its key seriously does."""
    while True:
        with suppress(httpx.TransportError):
            answer = send()
            if answer.status_code not in (429, 503):
                return answer
        time.sleep(0.1)


def run(
    database_url: str,
    *,
    kills: int,
    seed: int,
    log: Path,
    say: Callable[[str], None],
    rows: int = 12_000,
    kinds: Sequence[str] = KINDS,
) -> Harm:
    """That many kills on a new database; `say` is told of each."""
    database = Database(Settings(database_url=database_url).url)
    migrate.upgrade(database)
    hosts = Hosts(database_url, log)
    try:
        hosts.start()
        chaos = Chaos(database, hosts, seed, rows, kinds)
        chaos.begin()
        with suppress(KeyboardInterrupt):  # Ctrl-C: what was done until then counts
            for number in range(kills):
                say(chaos.round(number))
        chaos.end()
    finally:
        hosts.stop()
        database.close()
    return chaos.harm
