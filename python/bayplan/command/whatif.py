"""What-if questions."""

from __future__ import annotations

import csv
import fnmatch
import json
from pathlib import Path
from typing import Any

import click
import yaml

from bayplan import Change, Cluster, FitSeveral
from bayplan._cluster import MOST, MOST_SEED
from bayplan._sweep import scenarios_of
from bayplan.command import output
from bayplan.command.base import (
    BAD_INPUT,
    EXIT_CODES,
    INTERRUPTED,
    LEFT_PENDING,
    Failure,
    cli,
    common,
    files,
    load,
    max_pods,
    preemption,
    tell_skipped,
)
from bayplan.command.changes import Changing, after, changes_of, changing, exit_code

CODES = EXIT_CODES.replace("all pods are placed", "no pod is missing that was not before, and none is lost").replace(
    "something is left pending", "pods are newly missing or lost, or a node is not drained"
)

seconds = click.option(
    "--seconds",
    type=click.IntRange(0, MOST_SEED // 4),
    default=3600,
    show_default=True,
    help="How much time may pass, on a virtual clock: for tolerations that end.",
)


@cli.command(cls=Changing, epilog=CODES)
@click.argument("workloads", metavar="[FILE]...", nargs=-1)
@files
@changing
@click.option("--jobs-finish", is_flag=True, help="Let the pods of Jobs run to their end once they are bound.")
@click.option("--cron-jobs", is_flag=True, help="Let each CronJob run once.")
@click.option(
    "--provision/--no-provision",
    default=True,
    show_default=True,
    help="Let the drivers of storage classes make the volumes of claims that bind at once.",
)
@seconds
@max_pods
@preemption
@common
@click.pass_context
def simulate(
    ctx: click.Context,
    /,
    workloads: tuple[str, ...],
    more_files: tuple[str, ...],
    jobs_finish: bool,
    cron_jobs: bool,
    provision: bool,
    seconds: int,
    max_pods: int,
    preemption: bool,
    **options: Any,
) -> None:
    """Show what becomes of the cluster: what moves, what is lost, what is missing.

    FILEs are applied first, then the changes are made in their order. Controllers, scheduler and nodes are played until
    nothing changes any more: a changed template is rolled out, workloads that lack pods get them, DaemonSets have pods on
    new nodes, nodes that are not ready lose theirs. Without any it is what becomes of the cluster as it is.

    \b
    Examples:
      bayplan simulate -c dump.json deployment.yaml
      bayplan simulate -c dump.json --without-nodes topology.kubernetes.io/zone=b
      bayplan simulate -c dump.json --scale shop/ads=12 --drain 'node-07 --ignore-daemonsets'
    """
    sources = (*workloads, *more_files)
    cluster = load(sources, options)
    changes = changes_of(ctx, options["namespace"])
    applied = [Change.apply(file, namespace=options["namespace"], validate=options["validate"]) for file in sources]
    with output.progress("placing pods") as progress:
        simulation = cluster.what_if(
            [*applied, *changes],
            jobs_finish=jobs_finish,
            cron_jobs=cron_jobs,
            provision=provision,
            seconds=seconds,
            max_pods=max_pods,
            preemption=preemption,
            progress=progress,
        )
    tell_skipped(simulation.cluster)
    output.show(simulation, options["form"], warnings=simulation.warnings)
    stuck = any(not node.is_drained for node in simulation.drains)
    # Without changes it is a question about the cluster as it is; with them about what they do.
    totals = simulation.totals
    short = totals.newly_missing or totals.lost if simulation.changes else totals.missing
    ctx.exit(exit_code(simulation.not_applied or simulation.left_out, short or stuck))


@cli.command(cls=Changing, epilog=CODES)
@click.option(
    "--by",
    metavar="LABEL-KEY",
    default="zone",
    show_default=True,
    help="What fails: zone, node, region, or the key of a label of nodes.",
)
@click.option("--pairs", is_flag=True, help="Let each two fail together, too.")
@changing
@seconds
@preemption
@common
@click.pass_context
def fail(ctx: click.Context, /, by: str, pairs: bool, seconds: int, preemption: bool, **options: Any) -> None:
    """Lose every zone, or every node, in turn (N+1).

    The nodes of each domain are gone, and their pods come again through their controllers. The changes are made before.

    \b
    Examples:
      bayplan fail -c dump.json --by zone
      bayplan fail -c dump.json --by node -o json
    """
    cluster = load((), options)
    with output.progress("playing failures") as progress:
        answer = cluster.fail(
            by,
            pairs=pairs,
            changes=changes_of(ctx, options["namespace"]),
            preemption=preemption,
            seconds=seconds,
            progress=progress,
        )
    tell_skipped(cluster)
    output.show(answer, options["form"], warnings=answer.warnings)
    ctx.exit(exit_code(answer.unsure or answer.left_out, not answer.survives))


@cli.command(cls=Changing, epilog=CODES)
@click.argument("nodes", metavar="NODES", required=False)
@click.option("-l", "--selector", metavar="SELECTOR", help="The nodes, by their labels, as with kubectl.")
@click.option("--force", is_flag=True, help="Let pods go that no controller makes again.")
@click.option("--delete-emptydir-data", is_flag=True, help="Let pods go that have emptyDir volumes.")
@click.option(
    "--ignore-daemonsets", is_flag=True, help="Leave pods of DaemonSets; without it they are a reason to refuse."
)
@click.option(
    "--timeout",
    metavar="SECONDS",
    default="0",
    show_default=True,
    help="How long to try what a budget refuses (20s, 5m); 0: as long as anything changes.",
)
@changing
@preemption
@common
@click.pass_context
def drain(
    ctx: click.Context,
    /,
    nodes: str | None,
    selector: str | None,
    force: bool,
    delete_emptydir_data: bool,
    ignore_daemonsets: bool,
    timeout: str,
    preemption: bool,
    **options: Any,
) -> None:
    """Say what `kubectl drain` would do, in its words and with its flags, and where the pods go.

    NODES are names (node-07, node-0*), or a selector.

    \b
    Examples:
      bayplan drain -c dump.json node-07 --ignore-daemonsets
      bayplan drain -c dump.json -l pool=old --ignore-daemonsets --delete-emptydir-data
    """
    if (nodes is None) == (selector is None):
        raise click.UsageError("give either names of nodes, or a selector with -l", ctx)
    cluster = load((), options)
    with output.progress("draining") as progress:
        answer = cluster.drain(
            nodes or selector or "",
            force=force,
            delete_emptydir_data=delete_emptydir_data,
            ignore_daemonsets=ignore_daemonsets,
            timeout=duration(timeout),
            changes=changes_of(ctx, options["namespace"]),
            preemption=preemption,
            progress=progress,
        )
    tell_skipped(cluster)
    output.show(answer, options["form"], warnings=answer.warnings)
    unsure = answer.not_applied or answer.left_out
    ctx.exit(exit_code(unsure, not answer.is_drained or answer.totals.newly_missing or answer.totals.lost))


def duration(text: str) -> int:
    """So many seconds: `20`, `20s`, `5m`, `1h`."""
    unit = {"s": 1, "m": 60, "h": 3600}.get(text[-1:], 1)
    digits = text.rstrip("smh")
    if not digits.isdigit() or len(text) - len(digits) > 1:
        raise click.BadParameter(f"{text!r} is no time, as 20s or 5m", param_hint="--timeout")
    return int(digits) * unit


@cli.command(
    cls=Changing,
    epilog=EXIT_CODES.replace("all pods are placed", "some nodes can go").replace(
        "something is left pending", "none can"
    ),
)
@click.option("--nodes", metavar="NODES", help="Only try these: a selector, or names. All without it.")
@click.option(
    "--prices",
    metavar="FILE",
    help="What nodes cost: a CSV, JSON or YAML file with name and price, where name is a node's, or the value of its label "
    "node.kubernetes.io/instance-type.",
)
@click.option("--most", type=click.IntRange(0, MOST), default=MOST, help="No more than so many.")
@click.option(
    "--delete-emptydir-data/--keep-emptydir-data",
    default=True,
    show_default=True,
    help="Move pods with emptyDir volumes.",
)
@changing
@common
@click.pass_context
def shrink(
    ctx: click.Context,
    /,
    nodes: str | None,
    prices: str | None,
    most: int,
    delete_emptydir_data: bool,
    **options: Any,
) -> None:
    """Find nodes that can be switched off together.

    Every pod finds another node, budgets are kept, nobody is preempted. With prices what costs most for what it carries
    goes first.

    \b
    Example:
      bayplan shrink -c dump.json --nodes pool=web --prices prices.csv
    """
    cluster = load((), options)
    costs = prices_of(cluster, prices) if prices else None
    with output.progress("draining nodes") as progress:
        answer = cluster.shrink(
            nodes=nodes,
            prices=costs,
            most=most,
            delete_emptydir_data=delete_emptydir_data,
            changes=changes_of(ctx, options["namespace"]),
            progress=progress,
        )
    tell_skipped(cluster)
    output.show(answer, options["form"], warnings=answer.warnings)
    ctx.exit(exit_code(answer.left_out, not answer.emptied))


def prices_of(cluster: Cluster, path: str) -> dict[str, float]:
    """The price of each node, by its own name or that of its type."""
    try:
        text = Path(path).read_text()
        if path.endswith((".json", ".yaml", ".yml")):
            rows = json.loads(text) if path.endswith(".json") else yaml.safe_load(text)
            rows = [{"name": name, "price": price} for name, price in rows.items()] if isinstance(rows, dict) else rows
        else:
            rows = list(csv.DictReader(text.splitlines()))
        by_name = {str(row["name"]): float(row["price"]) for row in rows}
    except OSError as error:
        raise Failure(f"{path}: {error.strerror or error}") from error
    except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError) as error:
        raise Failure(f"{path}: these are no prices ({error}); give rows of name and price") from error
    prices = {}
    for node, labels in cluster._labels().items():
        kind = labels.get("node.kubernetes.io/instance-type", "")
        price = by_name.get(node, by_name.get(kind))
        if price is None:
            price = next((price for form, price in by_name.items() if fnmatch.fnmatchcase(node, form)), None)
        if price is not None:
            prices[node] = price
    if not prices:
        raise Failure(f"{path}: no node has one of these names, or an instance type of one")
    return prices


@cli.command(cls=Changing)
@click.option(
    "--by", metavar="LABEL-KEY", help="The sums of the nodes with the same value: zone, type, or a label's key."
)
@changing
@common
@click.pass_context
def nodes(ctx: click.Context, /, by: str | None, **options: Any) -> None:
    """List the nodes: what they give, what is asked of it, what is free.

    With --by also the largest hole: the most that a single pod can have on one node.

    \b
    Examples:
      bayplan nodes -c dump.json
      bayplan nodes -c dump.json --by zone
    """
    cluster = after(ctx, load((), options), options["namespace"])
    tell_skipped(cluster)
    output.show(cluster.node_table(by), options["form"], warnings=cluster.warnings, in_text=False)


SWEEP_CODES = """\b
Exit codes:
  0  all assertions hold
  2  the input is bad, or a scenario cannot be played
  3  an assertion does not hold
  4  a rule that concerns a pod was not applied, or something was left out
"""


@cli.command(epilog=SWEEP_CODES)
@click.argument("scenarios", metavar="SCENARIOS")
@click.option("--processes", type=click.IntRange(1, 1024), help="Play in so many processes, instead of in threads.")
@seconds
@preemption
@common
@click.pass_context
def sweep(
    ctx: click.Context,
    /,
    scenarios: str,
    processes: int | None,
    seconds: int,
    preemption: bool,
    **options: Any,
) -> None:
    """Play the scenarios of a file, each from the cluster as it is, and check what they assert.

    SCENARIOS is a YAML or JSON document of kind Scenarios. Ctrl-C shows what is done.

    \b
    Example:
      bayplan sweep -c dump.json scenarios.yaml
    """
    from concurrent.futures import ProcessPoolExecutor
    from contextlib import nullcontext

    given = scenarios_of(scenarios)
    cluster = load((), options)
    with ProcessPoolExecutor(processes) if processes else nullcontext() as executor:
        with output.progress("playing scenarios") as progress:
            answer = cluster.sweep(given, executor=executor, preemption=preemption, seconds=seconds, progress=progress)
    tell_skipped(cluster)
    output.show(answer, options["form"], warnings=cluster.warnings, in_text=False)
    if answer.interrupted:
        output.say(f"interrupted: {len(answer)} of {len(given)} scenarios were played")
        ctx.exit(INTERRUPTED)
    if any(row.error for row in answer):
        ctx.exit(BAD_INPUT)
    ctx.exit(exit_code(any(row.unsure for row in answer), not answer.holds))


@cli.command(
    cls=Changing,
    epilog=EXIT_CODES.replace("all pods are placed", "the pod fits, or preemption makes room").replace(
        "something is left pending", "it does not"
    ),
)
@click.argument("pod", metavar="[NAMESPACE/]POD")
@click.option("-f", "--filename", "workloads", metavar="FILE", multiple=True, help="Take these workloads in first.")
@changing
@common
@click.pass_context
def preempt(ctx: click.Context, /, pod: str, workloads: tuple[str, ...], **options: Any) -> None:
    """Show whom a waiting pod would evict, and on which nodes that helps.

    \b
    Example:
      bayplan preempt -c dump.json shop/urgent-1
    """
    cluster = after(ctx, load(workloads, options), options["namespace"])
    if workloads:
        placed = cluster.place(
            workloads, namespace=options["namespace"], preemption=False, validate=options["validate"]
        )
        cluster = placed.cluster
    answer = cluster._preemption(pod, namespace=options["namespace"] or "default")
    tell_skipped(cluster)
    output.show(answer, options["form"], warnings=cluster.warnings, in_text=False)
    ctx.exit(0 if answer.fits or answer.node else LEFT_PENDING)


@cli.command(
    cls=Changing,
    epilog=EXIT_CODES.replace("all pods are placed", "the whole set fits at least once more").replace(
        "something is left pending", "it does not"
    ),
)
@click.argument("workloads", metavar="[FILE]...", nargs=-1)
@files
@click.option(
    "--name", "names", metavar="WORKLOAD[=COUNT]", multiple=True, help="One of the set (shop/web=3); may be repeated."
)
@click.option("--limit", type=click.IntRange(1, MOST), default=1000, show_default=True, help="Stop at so many sets.")
@click.option(
    "--catalogue", metavar="FILE", help="What nodes can be bought, see `bayplan size`: says what keeping room costs."
)
@click.option(
    "--sets",
    type=click.IntRange(1, MOST),
    default=1,
    show_default=True,
    help="With --catalogue: keep room for so many.",
)
@changing
@common
@click.pass_context
def headroom(
    ctx: click.Context,
    /,
    workloads: tuple[str, ...],
    more_files: tuple[str, ...],
    names: tuple[str, ...],
    limit: int,
    catalogue: str | None,
    sets: int,
    **options: Any,
) -> None:
    """Say how often a set of workloads still fits, and what keeping that room costs.

    The set are the workloads of FILEs with their replicas, or those that --name names.

    \b
    Example:
      bayplan headroom -c dump.json --name shop/web=3 --name shop/api=2
      bayplan headroom -c dump.json --name shop/web=3 --sets 20 --catalogue aws.csv
    """
    if catalogue is not None:
        if workloads or more_files:
            raise click.UsageError("--catalogue is for workloads of the cluster: name them with --name", ctx)
        counts = dict(counted(name) for name in names)
        if not counts:
            raise click.UsageError("no workload: name workloads of the cluster with --name", ctx)
        cluster = after(ctx, load((), options), options["namespace"])
        with output.progress("placing replicas") as progress:
            kept = cluster.headroom(
                counts, sets=sets, catalogue=catalogue, limit=limit, namespace=options["namespace"], progress=progress
            )
        tell_skipped(cluster)
        output.show(kept, options["form"], warnings=kept.warnings)
        is_short = kept.keep is not None and (kept.keep.scheduled is None or kept.keep.impossible)
        ctx.exit(exit_code(kept.not_applied or kept.left_out, is_short))
    answer = several(ctx, (*workloads, *more_files), names, "bundle", limit, options)
    ctx.exit(exit_code(answer.not_applied or answer.left_out, not answer.bundles))


def several(
    ctx: click.Context,
    sources: tuple[str, ...],
    names: tuple[str, ...],
    together: str,
    limit: int,
    options: dict[str, Any],
) -> FitSeveral:
    """Asks for several workloads at once, and shows the answer."""
    if not sources and not names:
        raise click.UsageError("no workload: give files, or name workloads of the cluster with --name", ctx)
    counts = dict(counted(name) for name in names)
    cluster = after(ctx, load(sources, options), options["namespace"])
    with output.progress("placing replicas") as progress:
        answer = cluster.fit_several(
            sources,
            names=counts,
            together=together,
            limit=limit,
            namespace=options["namespace"],
            validate=options["validate"],
            progress=progress,
        )
    tell_skipped(cluster)
    output.show(answer, options["form"], warnings=answer.warnings)
    return answer


def counted(text: str) -> tuple[str, int]:
    """`shop/web=3`, or `shop/web` for one."""
    name, _, count = text.partition("=")
    if count and not count.isdigit():
        raise click.BadParameter(f"{count!r} is no number", param_hint="--name")
    return name, int(count or 1)
