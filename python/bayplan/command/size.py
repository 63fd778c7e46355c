"""What to buy."""

from __future__ import annotations

from typing import Any, Literal

import click

from bayplan import Change
from bayplan._cluster import EFFORT, MOST
from bayplan.command import output
from bayplan.command.base import EXIT_CODES, cli, common, files, load, tell_skipped
from bayplan.command.changes import Changing, changes_of, changing, exit_code

CODES = EXIT_CODES.replace("all pods are placed", "a mix carries all pods").replace(
    "something is left pending", "no mix was found, or nothing of the catalogue carries some pod"
)


def pairs(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Labels: `key=value`, also several with commas."""
    texts = [text for value in values for text in value.split(",") if text]
    for text in texts:
        if "=" not in text:
            raise click.BadParameter(f"`{text}` is not of the form key=value", ctx, parameter)
    return dict(text.split("=", 1) for text in texts)


@cli.command(cls=Changing, epilog=CODES)
@click.argument("workloads", metavar="[FILE]...", nargs=-1)
@files
@click.option(
    "--catalogue",
    metavar="FILE",
    required=True,
    help="What can be bought: CSV, JSON or YAML with name, price, cpu, memory, and where they matter pods, gpus, arch, zone, "
    "labels, taints, reserved and resources.",
)
@click.option(
    "--shapes", metavar="NAMES", default="", help="Only shapes of these names: 'm7i.*,c7i.*'. All without it."
)
@click.option(
    "--zones",
    metavar="ZONES",
    default="",
    help="Where nodes are bought: a,b,c, at least one in each. Without it those of the catalogue, or of the cluster's nodes.",
)
@click.option(
    "--arch",
    metavar="ARCH",
    default="",
    help="The architectures that images are made for: amd64,arm64. Without it those of the cluster's nodes, or amd64.",
)
@click.option(
    "--survive", type=click.Choice(["node", "zone"]), help="Any one can be lost, and every pod finds another node."
)
@click.option(
    "--keep-nodes/--replace-nodes",
    default=False,
    help="Keep the cluster's nodes, and buy for the pods that wait; or buy for all pods. The default is to replace them.",
)
@click.option("--node-labels", metavar="KEY=VALUE", multiple=True, callback=pairs, help="Labels of all new nodes.")
@click.option(
    "--effort",
    type=click.IntRange(0, MOST),
    default=EFFORT,
    show_default=True,
    help="How many pods the search places at most, over all mixes that it tries.",
)
@changing
@common
@click.pass_context
def size(
    ctx: click.Context,
    /,
    workloads: tuple[str, ...],
    more_files: tuple[str, ...],
    catalogue: str,
    shapes: str,
    zones: str,
    arch: str,
    survive: Literal["node", "zone"] | None,
    keep_nodes: bool,
    node_labels: dict[str, str],
    effort: int,
    **options: Any,
) -> None:
    """Find the cheapest nodes for a load, and prove how cheap they can be.

    The load is all pods of the cluster, and those that FILEs make. Daemon pods come with each node. The mix is replayed:
    the scheduler places every pod on it. Beside it stand the price of the best packing found, of the best single shape, and
    a lower bound that no mix beats.

    \b
    Examples:
      bayplan size -c dump.json --catalogue examples/catalogues/aws.csv
      bayplan size -c dump.json deployment.yaml --keep-nodes --catalogue aws.csv
      bayplan size -c dump.json --catalogue aws.csv --zones a,b,c --survive zone
    """
    sources = (*workloads, *more_files)
    cluster = load(sources, options)
    applied = [Change.apply(file, namespace=options["namespace"], validate=options["validate"]) for file in sources]
    with output.progress("replaying mixes") as progress:
        answer = cluster.size(
            catalogue,
            shapes=[name for name in shapes.split(",") if name],
            zones=[zone for zone in zones.split(",") if zone],
            arch=[one.strip() for one in arch.split(",") if one.strip()],
            survive=survive,
            keep_nodes=keep_nodes,
            labels=node_labels,
            effort=effort,
            changes=[*applied, *changes_of(ctx, options["namespace"])],
            progress=progress,
        )
    tell_skipped(cluster)
    output.show(answer, options["form"], warnings=[*answer.warnings, *answer.left_out])
    ctx.exit(exit_code(answer.left_out, answer.scheduled is None or answer.impossible))
