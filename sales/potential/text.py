"""A scoring model as the TOML file that `read_model` reads."""

import json
import math

from sales.potential.model import FORMAT, Factor, PotentialModel, Share, Term


def model_text(model: PotentialModel, remarks: tuple[str, ...] = ()) -> str:
    """The file; `remarks` become comments at its head."""
    lines = [f"# {remark}" for remark in remarks]
    lines += [f"format = {_quoted(FORMAT)}", f"name = {_quoted(model.name)}"]
    for term in model.terms:
        lines += _term(term)
    if model.fit is not None:
        fit = model.fit
        lines += ["", "[fit]", f"low = {fit.low!r}", f"high = {fit.high!r}", *_sd(fit.sd)]
        for criterion in fit.criteria:
            lines += ["[[fit.criteria]]", f"weight = {criterion.weight!r}"]
            lines += _factor(criterion.factor)
    for name, share, key in (
        ("pipeline", model.pipeline, "win_rate"), ("customers", model.customers, "keep_rate"),
    ):  # fmt: skip
        lines += _share(name, share, key) if share is not None else []
    if model.account_sd or model.shared or model.outcome_spread is not None:
        lines += ["", "[error]", f"account = {model.account_sd!r}"]
        if model.outcome_spread is not None:
            lines.append(f"outcome = {model.outcome_spread!r}")
        for shared in model.shared:
            lines += ["[[error.shared]]", f"column = {_quoted(shared.column)}"]
            lines.append(f"sd = {shared.sd!r}")
    if model.learned:
        lines += ["", "[learned]"]
        lines += [
            f"{key} = {json.dumps(v, ensure_ascii=False)}" for key, v in model.learned.items()
        ]
    return "\n".join(lines) + "\n"


def _term(term: Term) -> list[str]:
    lines = ["", f"[{term.name}]"]
    if term.odds:
        lines.append("odds = true  # the factors multiply the odds, not the chance")
    lines.append(f"base = {term.base!r}")
    if term.least > 0.0:
        lines.append(f"least = {term.least!r}")
    if math.isfinite(term.most) and not (term.most == 1.0 and term.name != "growth"):
        lines.append(f"most = {term.most!r}")
    lines += _sd(term.sd)
    for factor in term.factors:
        lines += [f"[[{term.name}.by]]", *_factor(factor)]
    return lines


def _factor(factor: Factor) -> list[str]:
    lines = [f"column = {_quoted(factor.column)}"]
    if factor.bands:
        bands = [
            f"{{ below = {b.below!r}, factor = {b.factor!r} }}"
            if math.isfinite(b.below)
            else f"{{ factor = {b.factor!r} }}"
            for b in factor.bands
        ]
        lines.append(f"bands = [{', '.join(bands)}]")
    elif factor.power is not None:
        lines.append(f"power = {factor.power!r}")
        lines.append(f"at = {factor.at!r}")
        if factor.least > 0.0:
            lines.append(f"least = {factor.least!r}")
        if math.isfinite(factor.most):
            lines.append(f"most = {factor.most!r}")
    else:
        pairs = [f"{_quoted(text)} = {value!r}" for text, value in factor.values.items()]
        lines.append(f"values = {{ {', '.join(pairs)} }}")
    lines.append(f"otherwise = {factor.otherwise!r}")
    return lines


def _share(name: str, share: Share, key: str) -> list[str]:
    column = f"column = {_quoted(share.column)}"
    return ["", f"[{name}]", column, f"{key} = {share.share!r}", *_sd(share.sd)]


def _sd(sd: float) -> list[str]:
    return [f"sd = {sd!r}"] if sd else []


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string, but for DEL, which TOML wants escaped too.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
