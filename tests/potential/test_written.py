from pathlib import Path
from typing import Any

import pytest

from geo.errors import OptionError, UnreadableInputError
from sales.potential.model import Factor
from sales.potential.text import model_text
from sales.potential.written import model_of, read_model

WHOLE = """
format = "bailiwick-potential/1"
name = "by hand"
[deal]
base = 1000
[[deal.by]]
column = "employees"
bands = [{ below = 20, factor = 0.5 }, { below = 200, factor = 1 }, { factor = 4 }]
[[deal.by]]
column = "revenue"
power = 0.5
at = 1e6
most = 1e9
[propensity]
base = 0.2
most = 0.9
sd = 0.1
[[propensity.by]]
column = "Industry"
values = { "Health Care" = 1.5, Retail = 0.5 }
otherwise = 1
[growth]
base = 1.05
[fit]
low = 0.5
high = 1.5
[[fit.criteria]]
column = "industry"
weight = 3
values = { "Health Care" = 1 }
[[fit.criteria]]
column = "employees"
bands = [{ below = 50, factor = 0 }, { factor = 1 }]
[pipeline]
column = "pipeline"
win_rate = 0.3
[error]
account = 0.4
outcome = 0.8
[[error.shared]]
column = "state"
sd = 0.1
"""


def test_a_model_survives_being_written(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text(WHOLE)
    model = read_model(path)
    assert [term.name for term in model.terms] == ["deal", "propensity", "growth"]
    assert model.terms[1].factors[0].values == {"health care": 1.5, "retail": 0.5}
    path.write_text(model_text(model, ("a remark",)))
    assert read_model(path) == model


def test_names_that_toml_must_quote_survive(tmp_path: Path) -> None:
    model = model_of({"deal": {"base": 1.0, "by": [
        {"column": 'a "b" \\ c\x7f', "values": {"x.y = [1]": 2.0, "": 1.0}}
    ]}})  # fmt: skip
    path = tmp_path / "model.toml"
    path.write_text(model_text(model))
    assert read_model(path) == model


DEAL: dict[str, Any] = {"deal": {"base": 1}}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({}, "deal: is missing"),
        (DEAL | {"propensty": {"base": 0.5}}, "propensty"),
        (DEAL | {"propensity": {}}, "propensity.base: is missing"),
        (DEAL | {"propensity": {"base": "half"}}, "propensity.base: 'half' is not a number"),
        (DEAL | {"propensity": {"base": True}}, "is not a number"),
        (DEAL | {"propensity": {"base": float("nan")}}, "out of range"),
        (DEAL | {"growth": {"odds": True}}, "growth.odds"),
        (DEAL | {"format": "bailiwick-potential/9"}, "format"),
        ({"deal": {"base": 1, "by": [{"column": "x"}]}}, "none of them"),
        ({"deal": {"base": 1, "by": [{"column": "x", "power": 1, "bands": []}]}}, "bands and pow"),
        ({"deal": {"base": 1, "by": {"column": "x"}}}, "deal.by: is not a list"),
        ({"deal": {"base": 10**400}}, "too large"),
        (DEAL | {"fit": {"criteria": [{"column": "x", "values": {"a": 2}}]}}, "points above 1"),
        (
            {"deal": {"base": 1, "by": [{"column": "x", "bands": [
                {"below": 5, "factor": 1}, {"below": 5, "factor": 2}, {"factor": 1}]}]}},
            "does not rise",
        ),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused(document: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=r"^model, ") as caught:
        model_of(document)
    assert words in caught.value.message
    assert caught.value.hint


def test_a_misspelt_key_is_guessed() -> None:
    with pytest.raises(OptionError) as caught:
        model_of(DEAL | {"propensty": {"base": 0.5}})
    assert "“propensity”" in caught.value.hint


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text("[deal\nbase = 1")
    with pytest.raises(UnreadableInputError, match=r"bad\.toml is not TOML"):
        read_model(path)
    with pytest.raises(UnreadableInputError, match="cannot be read"):
        read_model(tmp_path / "none.toml")


def test_one_band_is_the_same_as_a_base() -> None:
    model = model_of({"deal": {"base": 2, "by": [{"column": "x", "bands": [{"factor": 3}]}]}})
    (factor,) = model.terms[0].factors
    assert isinstance(factor, Factor)
    assert [band.factor for band in factor.bands] == [3.0]
