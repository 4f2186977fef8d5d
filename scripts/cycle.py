"""The yearly cycle of the sample company, each step with its own check: `make cycle`.

Score, size, segment, design, compare three scenarios, publish, a rep leaves, realign, diagnose,
review. Each step runs the command that a planner would type, prints its figures, and stops the
script with status 1 where its check does not hold.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import pandas as pd

from app.demo_store import fill
from app.settings import Settings
from app.store import plans
from app.store.database import Database

ROOT: Final = Path(__file__).parents[1]
SAMPLE: Final = ROOT / "data" / "samples" / "us"
GUIDE: Final = ROOT / "docs" / "guide"
ACCOUNTS, REPS = SAMPLE / "accounts.csv", SAMPLE / "reps.csv"
LEAVER: Final = "R113"
BUDGET: Final = 0.1


class BrokenError(Exception):
    """A step's check does not hold."""


def check(holds: bool, words: str) -> None:
    if not holds:
        raise BrokenError(words)


def bailiwick(*args: object, allowed: tuple[int, ...] = (0,)) -> Any:
    """What the command says as JSON. Raises BrokenError where it ends with none of `allowed`."""
    command = [sys.executable, "-m", "app.cli.main", *map(str, args)]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)
    if done.returncode not in allowed:
        told = done.stderr[-800:]
        raise BrokenError(f"`bailiwick {args[0]}` ended with {done.returncode}: {told}")
    return json.loads(done.stdout)


def owners(plan: Path) -> pd.DataFrame:
    """assignments.csv of a plan."""
    return pd.read_csv(plan / "assignments.csv", dtype=str, keep_default_na=False)


def score(out: Path) -> str:
    model, scored = out / "potential.toml", out / "scored.csv"
    learned = bailiwick("learn", ACCOUNTS, "--history", SAMPLE / "bookings.csv", "--out", model)
    some = pd.read_csv(SAMPLE / "bookings.csv", dtype=str)["account_id"].iloc[0]
    told = bailiwick("score", ACCOUNTS, "--model", model, "--out", scored, "--explain", some)
    check(told["accounts"] > 5000, f"only {told['accounts']} accounts are scored")
    auc = learned["propensity"]["auc"]
    check(auc > 0.7, f"who buys is hardly told apart: AUC {auc:.2f}")
    return f"{told['accounts']:,} accounts, {told['potential']:,.0f} a year; AUC {auc:.2f}"


def size(out: Path) -> str:
    told = bailiwick("size", out / "scored.csv")
    check(0 < told["by_workload"] < 200, f"{told['by_workload']} territories make no sense")
    gains = [step["added"] for step in told["steps"]]
    check(gains == sorted(gains, reverse=True), "one rep more is worth more than the one before")
    return (
        f"{told['by_workload']:.1f} territories by workload, {told['travel_share']:.0%} of it"
        f" travel; most profitable {told['best']}"
    )


def segment(out: Path) -> str:
    plan = out / "segmented"
    made = bailiwick(
        "design", out / "scored.csv", "--segments", GUIDE / "field-model.toml", "--reps", REPS,
        "--out", plan,
    )  # fmt: skip
    audit = bailiwick("audit", plan)
    check(audit["true"], "the audit finds an overlap or an orphan")
    check(made["assigned"] + len(audit["unplaced"]) >= made["accounts"], "an account is lost")
    sizes = ", ".join(f"{s['name']} {s['accounts']:,}" for s in audit["segments"])
    return f"{made['territories']} territories; {sizes}; {len(audit['unplaced'])} unplaced"


def design(out: Path) -> str:
    plan = out / "plan"
    made = bailiwick("design", out / "scored.csv", "--reps", REPS, "--out", plan)
    check(all(found["true"] for found in bailiwick("verify", plan)), "a claim is false")
    check(made["max_deviation"] <= 0.05, f"one territory is off by {made['max_deviation']:.1%}")
    return f"40 territories, off {made['max_deviation']:.2%} at most, {made['rms_km']:.0f} km"


def compare(out: Path) -> str:
    told = bailiwick(
        "whatif", out / "plan", "--input", out / "scored.csv", "--scenarios", GUIDE / "cycle.toml",
        "--out", out / "scenarios", allowed=(0, 3),
    )  # fmt: skip
    rows = told["scenarios"]
    check(len(rows) == 4, f"{len(rows)} rows, not today and three scenarios")
    for path in sorted((out / "scenarios").iterdir()):
        if path.is_dir():
            bailiwick("verify", path)
    return "\n    ".join(
        f"{row['scenario']}: off {row['balance']['max_deviation']:.1%} at most,"
        f" {row['moved']['share']:.1%} of the potential moves"
        for row in rows
    )


def publish(out: Path) -> str:
    settings = Settings(data_dir=out / "service", run_worker=False)
    plan_id = fill(settings, out / "scored.csv", out / "plan")
    database = Database(settings.url)
    with database.read() as session:
        in_force = plans.in_force(session)
    database.close()
    check(in_force is not None and in_force.id == plan_id, "the plan is not in force")
    return f"{plan_id} is in force"


def a_rep_leaves(out: Path) -> str:
    told = bailiwick(
        "explain", out / "plan", _one_of(out / "plan", LEAVER), "--rep", "R112", "--today",
        "2025-01-06",
    )  # fmt: skip
    check(bool(told), "nothing is explained")
    table = owners(out / "plan")
    return f"{LEAVER} leaves {(table['rep'] == LEAVER).sum():,} accounts without a rep"


def _one_of(plan: Path, rep: str) -> str:
    table = owners(plan)
    return str(table.loc[table["rep"] == rep, "account_id"].iloc[0])


def realign(out: Path) -> str:
    told = bailiwick(
        "whatif", out / "plan", "--input", out / "scored.csv", "--leaves", LEAVER,
        "--max-disruption", BUDGET, "--bookings", SAMPLE / "bookings.csv", "--out", out / "leaver",
        allowed=(0, 3),
    )  # fmt: skip
    chosen = next(row for row in told["scenarios"] if row["leave"] and row["respond"] == "realign")
    plan = out / "leaver" / chosen["directory"]
    bailiwick("verify", plan)
    table = owners(plan)
    check(not (table["rep"] == LEAVER).any(), f"{LEAVER} still owns accounts")
    check(chosen["budget"]["kept"], f"more than {BUDGET:.0%} of the potential moves")
    before = owners(out / "plan")
    check(len(before) == len(table), "accounts are lost")
    risk = chosen["revenue_at_risk"]
    return (
        f"{chosen['moved']['accounts']:,} accounts move ({chosen['moved']['share']:.1%}), off"
        f" {chosen['balance']['max_deviation']:.1%} at most; {risk['low']:,.0f} to"
        f" {risk['high']:,.0f} at risk"
    )


def diagnose(_: Path) -> str:
    told = bailiwick(
        "diagnose", ACCOUNTS, "--bookings", SAMPLE / "bookings.csv", "--alignment",
        SAMPLE / "alignment.csv", "--activities", SAMPLE / "activities.csv", "--reps", REPS,
    )  # fmt: skip
    planted = pd.read_csv(SAMPLE / "planted_effects.csv").set_index(["kind", "id"])["factor"]
    named = [effect for effect in told["effects"] if effect["named"]]
    wrong = [
        effect["id"] for effect in named
        if (effect["factor"] > 1) != (planted[effect["kind"], _planted_as(effect)] > 1)
    ]  # fmt: skip
    check(not wrong, f"blamed or praised wrongly: {', '.join(wrong)}")
    verdicts = [(line["verdict"] or {}).get("verdict", "") for line in told["territories"]]
    unsure = sum(verdict.startswith("cannot tell") for verdict in verdicts)
    whole = len(told["territories"])
    return f"{len(named)} named, none wrongly; {unsure} of {whole} territories cannot be told yet"


def _planted_as(effect: dict[str, Any]) -> str:
    """planted_effects.csv has the ids of reps and the names of territories."""
    return str(effect["id"] if effect["kind"] == "rep" else effect["name"])


def review(out: Path) -> str:
    plan = out / "plan"
    same = ("--accounts", out / "scored.csv", "--before", out / "scored.csv")
    quiet = bailiwick(
        "review", plan, *same, "--reps", REPS, "--since", "2025-01-06", "--today", "2025-02-01"
    )
    check(not quiet["alerts"], "there are alerts though nothing changed")
    roster = pd.read_csv(REPS, dtype=str)
    fewer = out / "reps-now.csv"
    roster[:32].to_csv(fewer, index=False)
    loud = bailiwick(
        "review", plan, *same, "--reps", fewer, "--since", "2025-01-06", "--today", "2026-02-01",
        allowed=(3,),
    )  # fmt: skip
    kinds = sorted({alert["kind"] for alert in loud["alerts"]})
    check({"headcount", "time"} <= set(kinds), f"only {kinds} are noticed")
    return f"no alerts while nothing changes; a year and eight reps later: {', '.join(kinds)}"


def main(out: Path) -> int:
    out.mkdir(parents=True, exist_ok=True)
    for step in (
        score, size, segment, design, compare, publish, a_rep_leaves, realign, diagnose, review,
    ):  # fmt: skip
        started = time.monotonic()
        try:
            told = step(out)
        except BrokenError as broken:
            sys.stdout.write(f"FAILED {step.__name__}: {broken}\n")
            return 1
        name = step.__name__.replace("_", " ")
        sys.stdout.write(f"{name} ({time.monotonic() - started:.0f} s)\n    {told}\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "var/cycle")))
