"""model.toml is read strictly: every fault is named with its place and its remedy."""

from pathlib import Path

import pytest

from geo.errors import BailiwickError, InputError
from sales.segments.read import model_of, read_model
from sales.segments.toml_keys import toml_of
from sales.segments.words import rule_in_words
from tests.segments.made_up import MODEL

REST = '[[segments]]\nid = "all"\nrest = true\nterritories = 2\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("segments = [", "not TOML"),
        ("segments = " + "[" * 5000, "not TOML"),
        ("name = 1" + "0" * 5000, "not TOML"),
        ('name = "a\\u0000"\n' + REST, "NUL"),
        ("", "1 to 100 segments"),
        ("famlies = 'off'\n" + REST, "did you mean 'families'"),
        ("families = 'apart'\n" + REST, "families 'apart'"),
        ("order = ['all', 'more']\n" + REST, "every segment once"),
        (REST + REST, "stands twice"),
        (REST + '[[segments]]\nid = "more"\nrest = true\n', "'more' behind it gets none"),
        (REST.replace('"all"', '"A b"'), "no short name"),
        (REST.replace("2", '"2"'), "whole number"),
        (REST + 'reps = ["R1"]\n', "both territories and reps"),
        (REST + 'cover = "map"\n', "cover 'map'"),
        (REST.replace("territories = 2", 'shares = "other"'), "no segment with a geography"),
        (REST + 'shares = "all"\n', "territories does nothing"),
        ('[[segments]]\nid = "x"\n', "of no account that it belongs"),
        ('[[segments]]\nid = "x"\naccounts = []\n', "list is empty"),
        ('[[segments]]\nid = "x"\nwhere = { employees = { mn = 5 } }\n', "did you mean 'min'"),
        ('[[segments]]\nid = "x"\nwhere = { employees = { min = "5" } }\n', "without quotes"),
        ('[[segments]]\nid = "x"\nwhere = { employees = { min = 9, below = 3 } }\n', "no number"),
        ('[[segments]]\nid = "x"\nwhere = { industry = 5 }\n', "a text, a list, or a table"),
        ('[[segments]]\nid = "x"\ntop = { count = 5 }\n', "count and by"),
        ('[[segments]]\nid = "x"\nfile = "named.csv"\n', "did not come along"),
        (REST + 'balance = "potential:5"\n', "between 0 and 1"),
    ],
)
def test_a_fault_is_named_with_its_remedy(text: str, said: str) -> None:
    with pytest.raises(BailiwickError) as error:
        model_of(text, "model.toml")
    assert said.casefold() in f"{error.value.message} {error.value.hint}".casefold()
    assert error.value.hint


def test_the_order_may_be_said_apart_and_lists_lie_beside_the_model(tmp_path: Path) -> None:
    (tmp_path / "named.csv").write_text("Account ID,Rep\nA1,Ann\nA2,\n", encoding="utf-8")
    path = tmp_path / "model.toml"
    path.write_text(
        'order = ["named", "all"]\n' + REST
        + '[[segments]]\nid = "named"\ncover = "list"\nfile = "named.csv"\n',
        encoding="utf-8",
    )  # fmt: skip
    model = read_model(path)
    assert [s.id for s in model.segments] == ["named", "all"]
    assert [(e.account_id, e.rep) for e in model.segments[0].listed] == [("A1", "Ann"), ("A2", "")]
    assert rule_in_words(model.segments[0]) == "2 accounts by name"


def test_an_object_says_the_same_as_the_file() -> None:
    import tomllib

    document = tomllib.loads(MODEL) | {"name": 'Ä "quoted"\n\x7f 🏥', "order": None}
    model = model_of(toml_of(document), "segments")
    assert model.name == 'Ä "quoted"\n\x7f 🏥'
    assert model.segments == model_of(MODEL, "model.toml").segments


def test_a_model_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_model(tmp_path / "none.toml")
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="UTF-8"):
        read_model(tmp_path / "odd.toml")
