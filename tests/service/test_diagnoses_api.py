"""Diagnosis and drift over HTTP: answers, and refusals with reasons."""

import io

import numpy as np

from tests.service.client import Client, problem
from tests.service.keyed import bearer, new_key
from tests.service.real_plan import DATASET, keep_real_plan


def histories() -> dict[str, bytes]:
    """Two territories that change hands at the half, over the accounts of the real plan."""
    rng = np.random.default_rng(3)
    ids = [f"A{i}" for i in range(59)]
    alignment = ["account_id,territory,rep"]
    bookings = ["account_id,close_date,amount,rep,territory"]
    for i, account in enumerate(ids):
        t = i % 2
        alignment.append(f"{account},T{t},R{t}")
        for half, day in enumerate(("2025-02-03", "2025-09-01")):
            rep = t if half else 1 - t
            bookings.append(f"{account},{day},{rng.integers(5, 15)},R{rep},T{t}")
    return {"alignment": "\n".join(alignment).encode(), "bookings": "\n".join(bookings).encode()}


def test_a_diagnosis_of_uploaded_histories(client: Client) -> None:
    keep_real_plan(client.services.database)
    files = {name: (f"{name}.csv", io.BytesIO(data)) for name, data in histories().items()}
    answer = client.post(
        "/v1/diagnoses", data={"dataset": DATASET, "period": "half", "looks": "4"}, files=files
    )
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["format"] == "bailiwick-diagnosis/1"
    assert found["rules"]["looks"] == 4
    assert {e["id"] for e in found["effects"]} == {"R0", "R1", "T0", "T1"}
    assert all(e["low"] < e["factor"] < e["high"] for e in found["effects"])
    assert found["coverage"] is None
    assert {t["territory"] for t in found["territories"]} == {"T0", "T1"}


def test_unusable_histories_are_refused_with_row_and_column(client: Client) -> None:
    keep_real_plan(client.services.database)
    sound = histories()

    def ask(**other: bytes) -> tuple[int, dict[str, object]]:
        files = {n: (f"{n}.csv", io.BytesIO(d)) for n, d in (sound | other).items()}
        answer = client.post("/v1/diagnoses", data={"dataset": DATASET}, files=files)
        return answer.status_code, problem(answer, answer.status_code)

    status, body = ask(bookings=b"account_id,close_date,amount\nA1,2025-01-01,much\n")
    assert (status, body["code"]) == (422, "unusable_input")
    assert "row 2, column “amount”" in str(body["detail"])
    assert ask(bookings=b"")[1]["code"] == "empty_input"
    assert ask(bookings=b"account_id,amount\nA1,1\n")[1]["code"] == "missing_column"
    assert "same account ids" in str(
        ask(bookings=b"account_id,close_date,amount\nZ,2025-01-01,5\n")[1]["hint"]
    )
    nowhere = client.post(
        "/v1/diagnoses", data={"dataset": "ds_none"},
        files={n: (f"{n}.csv", io.BytesIO(d)) for n, d in sound.items()},
    )  # fmt: skip
    assert problem(nowhere, 404)["code"] == "not_found"


def test_drift_is_silent_on_the_plans_own_accounts_and_tells_of_time(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    address = f"/v1/plans/{plan}/drift"
    same = {"dataset": DATASET, "since": "2026-01-01", "today": "2026-02-01"}
    found = client.get(address, params=same)
    assert found.status_code == 200, found.text
    assert found.json()["alerts"] == []
    later = client.get(address, params=same | {"today": "2026-04-01"}).json()["alerts"]
    assert [(a["kind"], a["level"], a["threshold"]) for a in later] == [("time", "watch", 3.0)]
    assert later[0]["command"]
    wrong = client.get(address, params=same | {"today": "2025-01-01"})
    assert problem(wrong, 400)["code"] == "bad_parameter"
    assert problem(client.get("/v1/plans/none/drift"), 404)["code"] == "not_found"
    for day in ("0.0", "1772323200", "2026-W01-1", "2026-13-01"):
        problem(client.get(f"{address}?today={day}"), 422)


def test_managers_and_integrators_get_neither(client: Client) -> None:
    plan = keep_real_plan(client.services.database)
    for role, region in (("integrator", None), ("manager", "north")):
        headers = bearer(new_key(client, role, region=region))
        assert problem(client.get(f"/v1/plans/{plan}/drift", headers=headers), 403)
        assert problem(client.post("/v1/diagnoses", headers=headers), 403)
