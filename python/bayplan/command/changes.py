"""Changes as options: every question about a changed cluster takes them, in the order in which they are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from bayplan import Change, Cluster, Simulation, _bayplan
from bayplan.command import output
from bayplan.command.base import LEFT_PENDING, NOT_APPLIED

F = TypeVar("F", bound=Callable[..., Any])

#: The parameter of each option, and the option.
NAMES = {name.replace("-", "_"): name for name, *_ in _bayplan.CHANGES}


class Changing(click.Command):
    """A command that keeps the order of its changes: click groups the values of each option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Notes the changes in their order."""
        values, _, order = self.make_parser(ctx).parse_args(args=list(args))
        left = {name: list(values.get(name) or ()) for name in NAMES}
        ctx.meta["bayplan.changes"] = [
            (NAMES[option.name], left[option.name].pop(0)) for option in order if option.name in NAMES
        ]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the question; what was not done makes its answer unsure."""
        try:
            result = super().invoke(ctx)
        except click.exceptions.Exit as ended:
            if ctx.meta.get("bayplan.not_done") and ended.exit_code in (0, 1, LEFT_PENDING):
                ctx.exit(NOT_APPLIED)
            raise
        if ctx.meta.get("bayplan.not_done"):
            ctx.exit(NOT_APPLIED)
        return result


def changing(function: F) -> F:
    """The options of all changes."""
    for name, _, form, text in reversed(_bayplan.CHANGES):
        option = click.option(
            f"--{name}", name.replace("-", "_"), metavar=form, multiple=True, help=text, expose_value=False
        )
        function = option(function)
    return function


def changes_of(ctx: click.Context, namespace: str | None) -> list[Change]:
    """The changes of the command line."""
    given = ctx.meta.get("bayplan.changes", [])
    return [Change.option(name, text, namespace=namespace) for name, text in given]


def after(ctx: click.Context, cluster: Cluster, namespace: str | None) -> Cluster:
    """The cluster after the changes of the command line."""
    changes = changes_of(ctx, namespace)
    if not changes:
        return cluster
    with output.progress("making changes") as progress:
        made = cluster.what_if(changes, progress=progress)
    note(ctx, made)
    return made.cluster


def note(ctx: click.Context, made: Simulation) -> None:
    """Says what changes were to do and did not: what is asked then is not about the cluster that was meant."""
    for text in made.not_done:
        output.say(f"not done: {text}", style="bold yellow")
        ctx.meta["bayplan.not_done"] = True


def exit_code(unsure: object, pending: object) -> int:
    """0, or what is said of an answer that is not all that was asked for."""
    return NOT_APPLIED if unsure else LEFT_PENDING if pending else 0
