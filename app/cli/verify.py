"""`bailiwick verify`: check every claim of a plan from its files."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import out, say_json


def verify(
    directory: Annotated[Path, typer.Argument(help="Directory that `design` wrote.")],
    json_output: Annotated[bool, typer.Option("--json", help="Print findings as JSON.")] = False,
) -> None:
    """Re-derive every claim of a plan from its files; exit status 1 on the first false one."""
    from sales.planfiles import read_plan
    from sales.verify import Finding
    from sales.verify import verify as check_plan

    findings: list[Finding] = []
    for finding in check_plan(read_plan(directory)):
        findings.append(finding)
        if not json_output:
            mark = "[green]true [/]" if finding.true else "[bold red]FALSE[/]"
            out.print(f"{mark} ", end="")
            detail = f": {finding.detail}" if finding.detail else ""
            out.print(f"{finding.claim}{detail}", markup=False)
        if not finding.true:
            break
    if json_output:
        say_json([{"claim": f.claim, "true": f.true, "detail": f.detail} for f in findings])
    if not all(finding.true for finding in findings):
        raise typer.Exit(1)
