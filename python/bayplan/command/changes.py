"""Changes as options: every question about a changed cluster takes them, in the order in which they are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from bayplan import Change, Cluster, _bayplan
from bayplan.command import output
from bayplan.command.base import NOT_APPLIED

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


def changing(function: F) -> F:
    """The options of all changes."""
    for name, _, form, text in reversed(_bayplan.CHANGES):
        option = click.option(
            f"--{name}", name.replace("-", "_"), metavar=form, multiple=True, help=text, expose_value=False
        )
        function = option(function)
    return function


def changes_of(ctx: click.Context, namespace: str | None, first: tuple[str, ...] = ()) -> list[Change]:
    """The changes of the command line; `first` are files that are applied before."""
    changes = [Change.apply(file, namespace=namespace) for file in first]
    given = ctx.meta.get("bayplan.changes", [])
    return changes + [Change.option(name, text, namespace=namespace) for name, text in given]


def after(ctx: click.Context, cluster: Cluster, namespace: str | None) -> Cluster:
    """The cluster after the changes of the command line."""
    changes = changes_of(ctx, namespace)
    if not changes:
        return cluster
    with output.progress("making changes") as progress:
        return cluster.what_if(changes, progress=progress).cluster


def exit_code(unsure: object, pending: object) -> int:
    """0, or what is said of an answer that is not all that was asked for."""
    return NOT_APPLIED if unsure else 3 if pending else 0


def tell(warnings: tuple[str, ...]) -> None:
    """Says warnings that an answer's own text lacks."""
    for warning in warnings:
        output.say(f"warning: {warning}", style="yellow")
