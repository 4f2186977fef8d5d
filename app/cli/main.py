"""The command `bailiwick`."""

import sys

import typer

from app.cli import (
    audit,
    backup,
    certainty,
    challenges,
    design,
    diagnose,
    diff,
    ensemble,
    explain,
    export,
    front,
    geocode,
    keys,
    learn,
    owners,
    push,
    report,
    review,
    route,
    score,
    serve,
    size,
    verify,
    warm,
    whatif,
    worker,
)
from app.cli.console import fail
from geo.errors import BailiwickError

cli = typer.Typer(
    name="bailiwick",
    help="Contiguous, balanced sales territories from a CRM export, with proof.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.command("demo")(serve.demo)
cli.command("design")(design.design)
cli.command("verify")(verify.verify)
cli.command("audit")(audit.audit)
cli.command("geocode")(geocode.geocode)
cli.command("diff")(diff.diff)
cli.command("diagnose")(diagnose.diagnose)
cli.command("front")(front.front)
cli.command("score")(score.score)
cli.command("learn")(learn.learn)
cli.command("size")(size.size)
cli.command("certainty")(certainty.certainty)
cli.command("whatif")(whatif.whatif)
cli.command("route")(route.route)
cli.command("ensemble")(ensemble.ensemble)
cli.command("owners")(owners.owners)
cli.command("explain")(explain.explain)
cli.command("challenges")(challenges.challenges)
cli.command("review")(review.review)
cli.command("export")(export.export)
cli.command("report")(report.report)
cli.command("push")(push.push)
cli.command("serve")(serve.serve)
cli.command("worker")(worker.worker)
cli.command("backup")(backup.backup)
cli.command("restore")(backup.restore)
cli.add_typer(keys.keys, name="keys")
cli.command("warm")(warm.warm)


def main() -> None:
    """Run the command line; a deliberate error ends with its hint and exit status 2."""
    try:
        cli()
    except BailiwickError as error:
        fail(error)
        sys.exit(2)


if __name__ == "__main__":
    main()
