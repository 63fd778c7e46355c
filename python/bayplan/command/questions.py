"""Where pods land, why, and how many fit."""

from __future__ import annotations

from typing import Any

import click

from bayplan._cluster import LIMIT, MOST
from bayplan.command import output
from bayplan.command.base import (
    ALL_PLACED,
    EXIT_CODES,
    LEFT_PENDING,
    NOT_APPLIED,
    cli,
    common,
    explain,
    files,
    load,
    max_pods,
    preemption,
    tell_skipped,
)
from bayplan.command.changes import Changing, after, changing, exit_code


@cli.command(cls=Changing, epilog=EXIT_CODES)
@click.argument("workloads", metavar="[FILE]...", nargs=-1)
@files
@click.option("--include-pending", is_flag=True, help="Place the pods that wait in the cluster, too.")
@max_pods
@preemption
@changing
@common
@click.pass_context
def place(
    ctx: click.Context,
    /,
    workloads: tuple[str, ...],
    more_files: tuple[str, ...],
    include_pending: bool,
    max_pods: int,
    preemption: bool,
    **options: Any,
) -> None:
    """Show where the workloads of FILEs would land.

    Without a FILE, the pods that wait in the cluster are placed. Of a workload that is in the cluster already, the
    missing pods are. A pod that fits nowhere evicts pods of lower priority, as in a real cluster; those that a
    controller owns come again as pending pods.

    \b
    Examples:
      bayplan place -c dump.json deployment.yaml
      kubectl get nodes,pods -A -o json | bayplan place -n shop -f deployment.yaml -o json
    """
    sources = [*workloads, *more_files]
    cluster = after(ctx, load(sources, options), options["namespace"])
    with output.progress("placing pods") as progress:
        placements = cluster.place(
            sources or None,
            include_pending=include_pending,
            namespace=options["namespace"],
            max_pods=max_pods,
            preemption=preemption,
            validate=options["validate"],
            progress=progress,
        )
    tell_skipped(placements.cluster)
    output.show(placements, options["form"], warnings=placements.warnings)
    ctx.exit(
        NOT_APPLIED
        if placements.not_applied or placements.left_out
        else LEFT_PENDING
        if placements.pending
        else ALL_PLACED
    )


@cli.command(cls=Changing, epilog=EXIT_CODES)
@click.argument("pod", metavar="[NAMESPACE/]POD")
@click.option("-f", "--filename", "workloads", metavar="FILE", multiple=True, help="Place these workloads first.")
@click.option("--all", "all_nodes", is_flag=True, help="Show the verdict of each node, as -o wide does.")
@click.option("--node", metavar="NAME", help="Show the verdict of this node alone.")
@max_pods
@preemption
@changing
@common
@click.pass_context
def why(
    ctx: click.Context,
    /,
    pod: str,
    workloads: tuple[str, ...],
    all_nodes: bool,
    node: str | None,
    max_pods: int,
    preemption: bool,
    **options: Any,
) -> None:
    """Explain why a pod goes where it goes, or nowhere.

    Shows the exact message, what stops the pod on how many nodes, the nearest nodes, and the single changes that would help. A pod that is on a node already is explained as if it
    were to be placed again.

    \b
    Examples:
      bayplan why -c dump.json shop/web-7d4b9c6f5-x2x7k
      bayplan why -c dump.json -n shop web-7d4b9c6f5-x2x7k -o json
    """
    cluster = after(ctx, load(workloads, options), options["namespace"])
    if workloads:
        with output.progress("placing pods") as progress:
            placements = cluster.place(
                workloads,
                namespace=options["namespace"],
                max_pods=max_pods,
                preemption=preemption,
                validate=options["validate"],
                progress=progress,
            )
        cluster = placements.cluster
    namespace = options["namespace"] or "default"
    explanation = explain(cluster, pod, namespace, preemption=preemption, placed=bool(workloads))
    tell_skipped(cluster)
    if node is not None:
        output.show(explanation.at(node), options["form"], warnings=cluster.warnings, in_text=False)
    else:
        form = "wide" if all_nodes and options["form"] == "table" else options["form"]
        output.show(explanation, form, warnings=cluster.warnings, in_text=False)
    ctx.exit(NOT_APPLIED if explanation.not_applied else ALL_PLACED if explanation.node else LEFT_PENDING)


@cli.command(
    cls=Changing,
    epilog=EXIT_CODES.replace("all pods are placed", "at least one more fits").replace(
        "something is left pending", "not even one more fits"
    ),
)
@click.argument("template", metavar="[FILE]...", nargs=-1)
@files
@click.option(
    "--name",
    "names",
    metavar="WORKLOAD[=COUNT]",
    multiple=True,
    help="Which workload (web, deploy/web, shop/web), where FILE has several; without a FILE, one of the cluster. May be "
    "repeated; a bundle has COUNT of it.",
)
@click.option(
    "--together",
    type=click.Choice(["apart", "in-turn", "bundle"]),
    help="Several workloads: each as if none of the others came (the default), each after the one before, or as a bundle of "
    "so many of each at a time.",
)
@click.option("--limit", type=click.IntRange(1, MOST), default=LIMIT, show_default=True, help="Stop at so many.")
@click.option(
    "--preemption/--no-preemption",
    default=False,
    show_default=True,
    help="Let replicas evict pods of lower priority.",
)
@changing
@common
@click.pass_context
def fit(
    ctx: click.Context,
    /,
    template: tuple[str, ...],
    more_files: tuple[str, ...],
    names: tuple[str, ...],
    together: str | None,
    limit: int,
    preemption: bool,
    **options: Any,
) -> None:
    """Count how many more replicas of a workload fit.

    FILE holds a Pod, or what makes equal pods, such as a Deployment; how many replicas it asks for does not matter.
    Says too where they go and what stops the next.

    \b
    Examples:
      bayplan fit -c dump.json deployment.yaml
      bayplan fit -c dump.json -n shop --name deployment/web
      bayplan fit -c dump.json --together bundle --name shop/web=3 --name shop/api=2
    """
    sources = [*template, *more_files]
    name = names[0].partition("=")[0] if names else None
    if together or len(names) > 1:
        from bayplan.command.whatif import several

        many = several(ctx, tuple(sources), names, together or "apart", limit, options)
        none = not any(item.replicas for item in many.items)
        ctx.exit(exit_code(many.not_applied or many.left_out, none))
    if not sources and not name:
        raise click.UsageError("no workload: give the file of the one to fit, or --name one of the cluster", ctx)
    cluster = after(ctx, load(sources, options), options["namespace"])
    with output.progress("placing replicas") as progress:
        answer = cluster.fit(
            sources or None,
            name=name,
            limit=limit,
            namespace=options["namespace"],
            preemption=preemption,
            validate=options["validate"],
            progress=progress,
        )
    tell_skipped(cluster)
    output.show(answer, options["form"], warnings=answer.warnings)
    ctx.exit(NOT_APPLIED if answer.not_applied or answer.left_out else ALL_PLACED if answer.replicas else LEFT_PENDING)
