"""A Salesforce org in one process: OAuth, SOQL with paging, sObject Collections, their errors.

It speaks over a real socket in the JSON that Salesforce sends. `busy_every` answers 503 to each
n-th call, `expire_every` forgets the session, `lose_every` does the work and drops the connection.
"""

import base64
import itertools
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import HTTPAdapter

from bailiwick_client.salesforce.org import retries
from sales.packs.salesforce_names import long_id

KEY, SECRET, DOMAIN = "3MVG9.consumer", "s3cret", "acme.my"
MODEL = "0MA000000000001AAA"
PAGE = 3
Record = dict[str, Any]


def sf_id(prefix: str, number: int) -> str:
    whole = long_id(f"{prefix}{number:012d}")
    assert whole is not None
    return whole


@dataclass
class Org:
    accounts: dict[str, Record] = field(default_factory=dict)
    territories: dict[str, Record] = field(default_factory=dict)
    associations: dict[str, Record] = field(default_factory=dict)
    locked: dict[str, int] = field(default_factory=dict)  # account → how often its row is locked
    refused: set[str] = field(default_factory=set)  # accounts that a validation rule refuses
    busy_every: int = 0
    expire_every: int = 0
    lose_every: int = 0
    calls: list[str] = field(default_factory=list)
    writes: int = 0
    token: str = "00D!first"
    cursors: dict[str, list[Record]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def add_territory(self, name: str) -> str:
        key = sf_id("0MI", next(self.numbers))
        self.territories[key] = {"Id": key, "DeveloperName": name, "Territory2ModelId": MODEL}
        return key

    def add_account(self, number: int, moment: str, **fields: Any) -> str:
        key = sf_id("001", number)
        self.accounts[key] = {
            "Id": key, "OwnerId": sf_id("005", 1), "SystemModstamp": moment, **fields,
        }  # fmt: skip
        return key

    def associate(self, account: str, territory: str, cause: str = "Territory2Manual") -> str:
        key = sf_id("0MH", next(self.numbers))
        self.associations[key] = {
            "Id": key, "ObjectId": account, "Territory2Id": territory, "AssociationCause": cause,
        }  # fmt: skip
        return key

    def territories_of(self, account: str) -> set[str]:
        return {
            self.territories[a["Territory2Id"]]["DeveloperName"]
            for a in self.associations.values()
            if a["ObjectId"] == account
        }

    # SOQL

    def select(self, soql: str) -> list[Record]:
        found = re.fullmatch(r"SELECT (.+?) FROM (\w+)(?: WHERE (.+?))?(?: ORDER BY (.+))?", soql)
        tables = {
            "Account": self.accounts, "Territory2": self.territories,
            "ObjectTerritory2Association": self.associations,
        }  # fmt: skip
        if not found or found[2] not in tables:
            raise ValueError(soql)
        rows = list(tables[found[2]].values())
        for part in (found[3] or "").split(" AND ") if found[3] else []:
            if some := re.fullmatch(r"(\w+) IN \((.*)\)", part):
                values = re.findall(r"'([^']*)'", some[2])
                rows = [r for r in rows if r[some[1]] in values]
            elif some := re.fullmatch(r"(\w+) = '([^']*)'", part):
                rows = [r for r in rows if r[some[1]] == some[2]]
            elif some := re.fullmatch(r"(\w+) >= (\S+)Z", part):
                rows = [r for r in rows if r[some[1]][:19] >= some[2]]
            else:
                raise ValueError(part)
        if found[4]:
            rows.sort(key=lambda r: tuple(r[name] for name in found[4].split(", ")))
        names = found[1].split(", ")
        return [
            {"attributes": {"type": found[2]}, **{n: row.get(n) for n in names}} for row in rows
        ]

    def page(self, rows: list[Record], start: int, cursor: str) -> Record:
        end = start + PAGE
        done = end >= len(rows)
        answer = {"totalSize": len(rows), "done": done, "records": rows[start:end]}
        if not done:
            self.cursors[cursor] = rows
            answer["nextRecordsUrl"] = f"/services/data/v61.0/query/{cursor}-{end}"
        return answer

    # sObject Collections

    def write(self, method: str, record: Record) -> Record:
        kind = record.pop("attributes")["type"]
        account = record.get("ObjectId") or record.get("Id", "")
        if self.locked.get(account, 0) > 0:
            self.locked[account] -= 1
            return refusal("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access")
        if account in self.refused:
            return refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", "frozen by finance")
        if method == "PATCH":
            assert kind == "Account"
            self.accounts[record["Id"]].update(record)
            self.writes += 1
            return {"id": record["Id"], "success": True, "errors": []}
        if kind == "Territory2":
            self.writes += 1
            key = self.add_territory(record["DeveloperName"])
            self.territories[key].update(record)
            return {"id": key, "success": True, "errors": []}
        assert set(record) == {"ObjectId", "Territory2Id", "AssociationCause"}
        for there in self.associations.values():
            if all(there[n] == record[n] for n in ("ObjectId", "Territory2Id")):
                return refusal("DUPLICATE_VALUE", f"duplicate value found: {there['Id']}")
        self.writes += 1
        key = self.associate(record["ObjectId"], record["Territory2Id"])
        return {"id": key, "success": True, "errors": []}

    def remove(self, key: str) -> Record:
        there = self.associations.get(key)
        if there is None:
            return refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if there["ObjectId"] in self.refused:
            return refusal("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights")
        del self.associations[key]
        self.writes += 1
        return {"id": key, "success": True, "errors": []}


def refusal(code: str, message: str) -> Record:
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": []}]}


def handler_of(org: Org) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer("GET")

        def do_POST(self) -> None:
            self.answer("POST")

        def do_PATCH(self) -> None:
            self.answer("PATCH")

        def do_DELETE(self) -> None:
            self.answer("DELETE")

        def answer(self, method: str) -> None:
            size = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(size)
            url = urlsplit(self.path)
            with org.lock:
                org.calls.append(f"{method} {url.path}")
                number = len(org.calls)
                if url.path == "/services/oauth2/token":
                    self.login(body)
                    return
                if org.busy_every and number % org.busy_every == 0:
                    self.send(503, [{"message": "busy", "errorCode": "SERVER_UNAVAILABLE"}])
                    return
                if org.expire_every and number % org.expire_every == 0:
                    org.token = f"00D!{number}"
                if self.headers.get("authorization") != f"Bearer {org.token}":
                    gone = {"message": "Session expired", "errorCode": "INVALID_SESSION_ID"}
                    self.send(401, [gone])
                    return
                status, answer = self.work(method, url.path, parse_qs(url.query), body)
                if org.lose_every and number % org.lose_every == 0:
                    self.close_connection = True
                    self.connection.close()
                    return
                self.send(status, answer)

        def login(self, body: bytes) -> None:
            wanted = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
            form = parse_qs(body.decode())
            if self.headers.get("authorization") != f"Basic {wanted}":
                error = {"error": "invalid_client", "error_description": "invalid credentials"}
                self.send(400, error)
                return
            assert form["grant_type"] == ["client_credentials"]
            instance = f"https://{DOMAIN}.salesforce.com"
            self.send(
                200,
                {"access_token": org.token, "instance_url": instance, "token_type": "Bearer"},
            )

        def work(
            self, method: str, path: str, query: dict[str, list[str]], body: bytes
        ) -> tuple[int, Any]:
            tail = path.removeprefix("/services/data/v61.0/")
            if method == "GET" and tail.rstrip("/") == "query":
                try:
                    rows = org.select(query["q"][0])
                except ValueError as error:
                    return 400, [{"message": str(error), "errorCode": "MALFORMED_QUERY"}]
                return 200, org.page(rows, 0, f"01g{len(org.calls):012d}")
            if method == "GET" and tail.startswith("query/"):
                cursor, _, start = tail.removeprefix("query/").partition("-")
                return 200, org.page(org.cursors[cursor], int(start), cursor)
            assert tail == "composite/sobjects", path
            if method == "DELETE":
                ids = query["ids"][0].split(",")
                assert len(ids) <= 200
                return 200, [org.remove(key) for key in ids]
            asked = json.loads(body)
            assert asked["allOrNone"] is False
            assert 0 < len(asked["records"]) <= 200
            return 200, [org.write(method, record) for record in asked["records"]]

        def send(self, status: int, answer: Any) -> None:
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json;charset=UTF-8")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


class _Here(HTTPAdapter):
    """Leads every call of a session to the fake, whatever host it is for."""

    def __init__(self, port: int) -> None:
        super().__init__(max_retries=retries(backoff_s=0))
        self._port = port

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        parts = urlsplit(request.url or "")
        assert parts.hostname == f"{DOMAIN}.salesforce.com"
        request.url = parts._replace(scheme="http", netloc=f"127.0.0.1:{self._port}").geturl()
        return super().send(request, *args, **options)


@contextmanager
def serving(org: Org) -> Iterator[requests.Session]:
    """Run the org; the session leads to it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(org))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        with requests.Session() as session:
            session.mount("https://", _Here(server.server_port))
            yield session
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
