"""The sample data: the same bytes each time, and the promises of data/README.md."""

import hashlib
import io
import json
import math

import numpy as np
import pandas as pd
import pytest

from scripts.make_samples import SAMPLES, sample_files
from scripts.samples.us import guarded
from scripts.samples.year import PENETRATION, attention


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return sample_files()


def table(path: str, **options: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLES / path, dtype=str, keep_default_na=False, **options)  # type: ignore[call-overload,no-any-return]


def us_accounts() -> pd.DataFrame:
    frame = table("us/accounts.csv")
    frame["row"] = np.arange(2, len(frame) + 2)
    return frame.merge(
        table("us/flaws.csv").astype({"row": int})[["row", "flaw"]], on="row", how="left"
    ).fillna({"flaw": ""})


def money(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column.str.replace(r"[$,]", "", regex=True), errors="coerce")


def test_making_them_again_gives_the_committed_bytes(made: dict[str, bytes]) -> None:
    for path, data in made.items():
        assert (SAMPLES / path).read_bytes() == data, path
    on_disk = {
        p.relative_to(SAMPLES).as_posix()
        for p in SAMPLES.rglob("*")
        if p.is_file() and not p.name.startswith(".")
    }
    assert on_disk == set(made)


def test_the_manifest_names_every_file_with_its_hash() -> None:
    listed = json.loads((SAMPLES / "MANIFEST.json").read_text("utf-8"))["files"]
    for path, facts in listed.items():
        data = (SAMPLES / path).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (facts["bytes"], facts["sha256"])
    assert sum(facts["bytes"] for facts in listed.values()) < 4_000_000


def test_the_case_guard_of_an_id_is_the_crms_own() -> None:
    # Pairs from a public sample export.
    assert guarded("001x0000002xLCV") == "001x0000002xLCVAA2"
    assert guarded("001x0000002xLCa") == "001x0000002xLCaAAM"


def test_us_accounts_are_many_unique_and_heavy_tailed() -> None:
    frame = us_accounts()
    sound = frame[frame["flaw"] == ""]
    assert 4_900 <= len(sound) <= 5_000
    assert sound["Account ID"].is_unique
    assert all(guarded(i[:15]) == i for i in sound["Account ID"])
    potential = money(sound["Annual Potential"])
    assert potential.notna().all()
    top_tenth = potential.sort_values().iloc[-len(sound) // 10 :].sum()
    assert 0.4 < top_tenth / potential.sum() < 0.8
    assert potential.max() < potential.sum() / 40 * 0.25  # a balanced plan of 40 exists


def test_each_planted_flaw_is_in_the_row_that_is_said_to_have_it() -> None:
    frame = us_accounts().set_index("flaw")
    state_only = frame.loc["state_only"]
    assert (state_only["Billing City"] == "").all()
    assert (state_only["Billing Zip/Postal Code"] == "").all()
    assert (state_only["Billing State/Province"] != "").all()
    assert set(frame.loc["potential_error"]["Annual Potential"]) == {"#N/A"}
    sound = set(us_accounts().query("flaw == ''")["Account ID"])
    assert set(frame.loc["duplicate_id"]["Account ID"]) <= sound
    twins = frame.loc["short_id_twin"]["Account ID"]
    assert all(len(i) == 15 and guarded(i) in sound for i in twins)
    assert frame.loc["totals_row"]["Account ID"] == "Grand Totals"
    need_review = set(frame.index) - {
        "",
        "po_box",
        "zip_missing",
        "city_missing",
        "country_missing",
    }
    assert 30 <= frame.index.isin(need_review).sum() <= 60


def test_us_export_has_the_churn_of_real_exports() -> None:
    frame = us_accounts()
    zips = frame["Billing Zip/Postal Code"]
    assert zips.str.fullmatch(r"\d{3,4}").sum() >= 20  # leading zero lost
    assert zips.str.fullmatch(r"\d{5}-\d{4}").sum() >= 100
    assert frame["Billing Street"].str.contains("\n").sum() >= 50
    assert frame["Account Name"].str.match(r"[=+\-@]").sum() >= 4
    assert frame["Account Name"].str.contains("[^\x00-ɏ]").sum() >= 4
    assert frame["Account Name"].str.len().max() > 200
    assert {"US", "USA", "United States"} <= set(frame["Billing Country"])
    assert frame["Billing State/Province"].str.len().gt(2).sum() >= 300


def test_todays_alignment_is_unbalanced_with_orphans_and_overlaps() -> None:
    claims = table("us/alignment.csv")
    worth = us_accounts().query("flaw == ''").set_index("Account ID")["Annual Potential"]
    by_territory = (
        money(claims["account_id"].map(worth).fillna("0")).groupby(claims["rep_id"]).sum()
    )
    roster = table("us/reps.csv")
    by_territory = by_territory.reindex(roster["rep_id"])
    assert len(by_territory) == 40
    assert by_territory.max() / by_territory.mean() > 1.5
    assert by_territory.min() / by_territory.mean() < 0.5
    assert (claims["rep_id"] == "").sum() == 9
    assert claims["account_id"].duplicated().sum() == 8
    assert (~claims["rep_id"].isin([*roster["rep_id"], ""])).sum() == 5


def test_planted_effects_can_be_found_where_territories_changed_hands() -> None:
    worth = us_accounts().query("flaw == ''").set_index("Account ID")["Annual Potential"]
    activity = table("us/activities.csv").astype({"hours": float})
    bookings = table("us/bookings.csv").astype({"amount": float})
    claims = table("us/alignment.csv").drop_duplicates("account_id").set_index("account_id")
    activity["potential"] = money(activity["account_id"].map(worth))
    activity = activity.dropna(subset="potential")
    activity["expected"] = [
        p / 2 * PENETRATION * attention(h, p)
        for p, h in zip(activity["potential"], activity["hours"], strict=True)
    ]
    activity["territory"] = activity["account_id"].map(claims["territory"])
    expected = activity.groupby(["territory", "rep_id"])["expected"].sum()
    booked = bookings.groupby(["territory", "rep_id"])["amount"].sum()
    log_ratio = (booked / expected).dropna().map(math.log).reset_index(name="log")
    changed = log_ratio[log_ratio.groupby("territory")["rep_id"].transform("size") == 2]
    assert changed["territory"].nunique() == 20
    design = pd.get_dummies(changed[["territory", "rep_id"]]).astype(float)
    found = pd.Series(
        np.linalg.lstsq(design.to_numpy(), changed["log"].to_numpy(), rcond=None)[0], design.columns
    )
    planted = table("us/planted_effects.csv").astype({"factor": float})
    for kind, column in (("rep", "rep_id"), ("territory", "territory")):
        truth = np.log(planted[planted["kind"] == kind].set_index("id")["factor"])
        mine = found.filter(like=f"{column}_")
        mine.index = mine.index.str.removeprefix(f"{column}_")
        assert np.corrcoef(mine, truth[mine.index])[0, 1] > 0.7, kind


def test_oeresund_is_written_as_its_countries_write() -> None:
    raw = (SAMPLES / "oeresund/accounts.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    frame = pd.read_csv(io.BytesIO(raw), sep=";", encoding="cp1252", decimal=",", thousands=".")
    assert len(frame) == 600
    assert frame["Company name"].str.contains("[åøæäö]").mean() > 0.9
    assert {"Danmark", "Sverige"} <= set(frame["Country/Region"])
    flaws = table("oeresund/flaws.csv").astype({"row": int})
    assert len(flaws) == 9
    sound = frame[~frame.index.isin(flaws["row"] - 2)]
    given = sound["Latitude"].notna()
    assert 0.4 < given.mean() < 0.7
    assert sound.loc[given, "Latitude"].between(54.5, 58).all()
    assert sound.loc[given, "Longitude"].between(8, 17).all()
