import json
from collections.abc import AsyncIterator

import pytest

from app.main import create_app
from app.settings import Settings
from tests.service.client import Client, problem, running
from tests.service.made_up import keep_dataset

FILE = (
    b"Account ID,Account Name,Billing City,Billing State,Billing Zip,Annual Potential\n"
    b"1,Acme,New York,NY,10115,1000\n"
    b"2,Beta,Boston,MA,2138,\xe2\x82\xac 2k\n"
    b"3,Nowhere,,,,5\n"
)


def test_an_upload_is_read_and_located(client: Client) -> None:
    answer = client.post("/v1/datasets", files={"file": ("crm.csv", FILE)})
    assert answer.status_code == 201, answer.text
    dataset = answer.json()
    assert (dataset["accounts"], dataset["kind"]) == (3, "accounts")
    assert dataset["columns"]["postal_code"] == "Billing Zip"
    assert "potential" in dataset["measures"]
    address = f"/v1/datasets/{dataset['id']}"
    assert client.get(address).json() == dataset

    accounts = client.get(f"{address}/accounts").json()["accounts"]
    assert [account["account_id"] for account in accounts] == ["1", "2", "3"]
    assert accounts[0]["precision"] == "postcode"
    assert accounts[2]["lat"] is None
    review = client.get(f"{address}/review").json()
    assert review["total"] == dataset["review"] == len(review["review"])
    assert any(doubt["row"] == 4 for doubt in review["review"])

    again = client.post("/v1/datasets", files={"file": ("renamed.csv", FILE)})
    assert again.json() == dataset
    assert len(client.get("/v1/datasets").json()["datasets"]) == 1


def test_columns_mapped_by_hand_make_another_dataset(client: Client) -> None:
    plain = client.post("/v1/datasets", files={"file": ("crm.csv", FILE)}).json()
    mapped = client.post(
        "/v1/datasets",
        files={"file": ("crm.csv", FILE)},
        data={"columns": json.dumps({"name": "Billing City"})},
    ).json()
    assert mapped["id"] != plain["id"]
    assert mapped["columns"]["name"] == "Billing City"


@pytest.mark.parametrize(
    ("content", "columns", "code"),
    [
        (b"", "", "empty_input"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "", "unreadable_input"),
        (FILE, '{"name": "No Such Header"}', "missing_column"),
        (FILE, "name=City", "invalid_request"),
        (FILE, '["name"]', "invalid_request"),
    ],
)
def test_an_unusable_upload_is_refused_in_words(
    client: Client, content: bytes, columns: str, code: str
) -> None:
    answer = client.post(
        "/v1/datasets", files={"file": ("crm.csv", content)}, data={"columns": columns}
    )
    assert problem(answer, 422)["code"] == code
    assert client.get("/v1/datasets").json()["datasets"] == []


def test_an_upload_without_a_file_is_refused(client: Client) -> None:
    body = problem(client.post("/v1/datasets", data={"columns": "{}"}), 422)
    assert body["errors"][0]["field"] == "body.file"


def test_pages_of_accounts_follow_each_other(client: Client) -> None:
    dataset = keep_dataset(client.services.database)
    first = client.get(f"/v1/datasets/{dataset}/accounts?limit=3").json()
    second = client.get(first["next"]).json()
    assert [len(first["accounts"]), len(second["accounts"])] == [3, 1]
    assert second["next"] is None
    assert first["accounts"][1]["lat"] is None
    beyond = client.get(f"/v1/datasets/{dataset}/accounts?offset=99").json()
    assert (beyond["accounts"], beyond["total"]) == ([], 4)


@pytest.mark.parametrize("part", ["", "/review", "/accounts"])
def test_an_unknown_dataset_is_not_found(client: Client, part: str) -> None:
    assert problem(client.get(f"/v1/datasets/ds_no{part}"), 404)["code"] == "not_found"


def test_an_upload_above_the_limit_is_refused_declared_or_not(settings: Settings) -> None:
    small = settings.model_copy(update={"max_upload_mb": 0.001, "max_body_mb": 0.0005})
    big = b"account_id\n" + b"x\n" * 2000
    with running(create_app(small)) as client:
        declared = client.post("/v1/datasets", files={"file": ("a.csv", big)})
        assert "BAILIWICK_MAX_UPLOAD_MB" in problem(declared, 413)["hint"]

        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(10):
                yield b" " * 100

        streamed = client.post("/v1/plans", content=chunks())
        assert "BAILIWICK_MAX_BODY_MB" in problem(streamed, 413)["detail"]
