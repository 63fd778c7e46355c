"""The command `bayplan`, also `kubectl bayplan`."""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

import bayplan
from bayplan import Cluster, Error, NotFoundError
from bayplan._cluster import ASK_THE_CLUSTER_AFTER, LIMIT, MAX_PODS, MOST, MOST_SEED
from bayplan.command import output

ALL_PLACED, LEFT_PENDING, NOT_APPLIED, BAD_INPUT, INTERRUPTED = 0, 3, 4, 2, 130

EXIT_CODES = """\b
Exit codes:
  0  all pods are placed
  2  the input is bad
  3  something is left pending
  4  a rule that concerns a pod was not applied, or something was left out
"""

GUIDE = f"""\b
A dump of every kind that is read and that every server has (secrets are never needed):
  kubectl get \\
    {bayplan.DUMP_COMMAND.removeprefix("kubectl get ").removesuffix(" -A -o json")} \\
    -A -o json > dump.json
Devices and pod groups, where the server has them (give both: -c dump.json -c devices.json):
  {bayplan.DEVICES_DUMP_COMMAND.replace(" | grep", " |" + chr(10) + "    grep")} > devices.json

{EXIT_CODES}"""


class Failure(click.ClickException):
    """Bad input: one line, no traceback."""

    exit_code = BAD_INPUT

    def show(self, file: Any = None) -> None:
        """Prints it."""
        output.say(f"error: {self.message}", style="bold red")


class Bayplan(click.Group):
    """Turns the library's errors into messages."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the command; what it could not print is said."""
        try:
            return super().main(*args, **kwargs)
        except OSError as error:
            # Faults of files that are read have become messages before.
            if error.errno == errno.EPIPE:
                raise
            output.give_up()
            output.say(f"error: cannot write the output: {error.strerror or error}", style="bold red")
            sys.exit(BAD_INPUT)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a question."""
        try:
            return super().invoke(ctx)
        except Error as error:
            raise Failure(str(error)) from error
        except KeyboardInterrupt:
            output.say("interrupted")
            ctx.exit(INTERRUPTED)


F = TypeVar("F", bound=Callable[..., Any])


def common(function: F) -> F:
    """The options that every question has."""
    options = [
        click.option(
            "-c",
            "--cluster",
            "cluster_files",
            metavar="FILE",
            multiple=True,
            help="The cluster: a dump or manifests, a directory of them, or - for stdin; may be repeated. "
            "A later file updates an object of an earlier one. Without it, stdin.",
        ),
        click.option(
            "-n",
            "--namespace",
            metavar="NAMESPACE",
            help="The namespace of workloads and of a pod that name none.",
        ),
        click.option(
            "-o",
            "--output",
            "form",
            type=click.Choice(["table", "json", "yaml"]),
            default="table",
            show_default=True,
            help="JSON and YAML are documents of apiVersion bayplan/v1.",
        ),
        click.option(
            "--kubernetes-version",
            metavar="VERSION",
            default=bayplan.KUBERNETES_VERSIONS[-1],
            show_default=True,
            help=f"The version whose scheduler decides: {', '.join(bayplan.KUBERNETES_VERSIONS)}.",
        ),
        click.option("--config", metavar="FILE", help="A KubeSchedulerConfiguration."),
        click.option(
            "--validate",
            type=click.Choice(["strict", "warn", "ignore"]),
            default="strict",
            show_default=True,
            help="What to do about fields of manifests that no API server knows, as with kubectl.",
        ),
        click.option(
            "--overlay",
            type=click.Choice(["apply", "replace"]),
            default="apply",
            show_default=True,
            help="What a manifest does to a live object of its name: it is merged into it as by `kubectl apply`, or takes "
            "its place as by `kubectl replace`.",
        ),
        click.option(
            "--seed", type=click.IntRange(0, MOST_SEED), help="Break ties by chance; without it, the first node."
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


files = click.option(
    "-f", "--filename", "more_files", metavar="FILE", multiple=True, help="The same as an argument; may be repeated."
)
preemption = click.option(
    "--preemption/--no-preemption",
    default=True,
    show_default=True,
    help="Let pods that fit nowhere evict pods of lower priority, as in a real cluster.",
)
max_pods = click.option(
    "--max-pods",
    type=click.IntRange(0, MOST),
    default=MAX_PODS,
    show_default=True,
    help="Refuse workloads that ask for more pods than these.",
)


@click.group(cls=Bayplan, epilog=GUIDE, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(bayplan.__version__, prog_name="bayplan")
def cli() -> None:
    """Where would kube-scheduler put these pods, why, and how many more fit?

    Answers from a dump or manifests: no API server is asked, and nothing is changed.

    \b
    Example:
      bayplan place -c dump.json deployment.yaml
    """
    logger = logging.getLogger("bayplan")
    if not logger.handlers:  # The command says itself what there is to say.
        logger.addHandler(logging.NullHandler())


@cli.command(epilog=EXIT_CODES)
@click.argument("workloads", metavar="[FILE]...", nargs=-1)
@files
@click.option("--include-pending", is_flag=True, help="Place the pods that wait in the cluster, too.")
@max_pods
@preemption
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
    cluster = load(sources, options)
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
    ctx.exit(NOT_APPLIED if placements.not_applied or placements.left_out else LEFT_PENDING if placements.pending else ALL_PLACED)


@cli.command(epilog=EXIT_CODES)
@click.argument("workloads", metavar="[FILE]...", nargs=-1)
@files
@click.option("--jobs-finish", is_flag=True, help="Let the pods of Jobs run to their end once they are bound.")
@click.option("--cron-jobs", is_flag=True, help="Let each CronJob run once.")
@click.option(
    "--provision/--no-provision",
    default=True,
    show_default=True,
    help="Let the drivers of storage classes make the volumes of claims that bind at once.",
)
@click.option(
    "--seconds",
    type=click.IntRange(0, MOST_SEED // 4),
    default=3600,
    show_default=True,
    help="How much time may pass, on a virtual clock: for tolerations that end.",
)
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
    """Show what becomes of the cluster when FILEs are applied.

    Controllers, scheduler and nodes are played until nothing changes any more: a changed template is rolled out, workloads
    that lack pods get them, DaemonSets have pods on new nodes, nodes that are not ready lose theirs. Without a FILE, it
    is what becomes of the cluster as it is.

    \b
    Examples:
      bayplan simulate -c dump.json deployment.yaml
      bayplan simulate -c dump.json -c new-nodes.yaml -o json
    """
    sources = [*workloads, *more_files]
    cluster = load(sources, options)
    with output.progress("placing pods") as progress:
        simulation = cluster.simulate(
            sources,
            jobs_finish=jobs_finish,
            cron_jobs=cron_jobs,
            provision=provision,
            seconds=seconds,
            namespace=options["namespace"],
            max_pods=max_pods,
            preemption=preemption,
            validate=options["validate"],
            progress=progress,
        )
    tell_skipped(simulation.cluster)
    output.show(simulation, options["form"], warnings=simulation.warnings)
    unsure = simulation.not_applied or simulation.left_out
    ctx.exit(NOT_APPLIED if unsure else LEFT_PENDING if simulation.pending else ALL_PLACED)


@cli.command(epilog=EXIT_CODES)
@click.argument("pod", metavar="[NAMESPACE/]POD")
@click.option("-f", "--filename", "workloads", metavar="FILE", multiple=True, help="Place these workloads first.")
@max_pods
@preemption
@common
@click.pass_context
def why(
    ctx: click.Context,
    /,
    pod: str,
    workloads: tuple[str, ...],
    max_pods: int,
    preemption: bool,
    **options: Any,
) -> None:
    """Explain why a pod goes where it goes, or nowhere.

    Shows the exact message, each node's verdict and the scores. A pod that is on a node already is explained as if it
    were to be placed again.

    \b
    Examples:
      bayplan why -c dump.json shop/web-7d4b9c6f5-x2x7k
      bayplan why -c dump.json -n shop web-7d4b9c6f5-x2x7k -o json
    """
    cluster = load(workloads, options)
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
    output.show(explanation, options["form"], warnings=cluster.warnings, in_text=False)
    ctx.exit(NOT_APPLIED if explanation.not_applied else ALL_PLACED if explanation.node else LEFT_PENDING)


@cli.command(
    epilog=EXIT_CODES.replace("all pods are placed", "at least one more fits").replace(
        "something is left pending", "not even one more fits"
    )
)
@click.argument("template", metavar="[FILE]...", nargs=-1)
@files
@click.option(
    "--name",
    metavar="[KIND/]NAME",
    help="Which workload (web, deployment/web, deploy/web), where FILE has several; without a FILE, one of the cluster "
    "(in the namespace that -n gives).",
)
@click.option("--limit", type=click.IntRange(1, MOST), default=LIMIT, show_default=True, help="Stop at so many.")
@click.option(
    "--preemption/--no-preemption",
    default=False,
    show_default=True,
    help="Let replicas evict pods of lower priority.",
)
@common
@click.pass_context
def fit(
    ctx: click.Context,
    /,
    template: tuple[str, ...],
    more_files: tuple[str, ...],
    name: str | None,
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
    """
    sources = [*template, *more_files]
    if not sources and not name:
        raise click.UsageError("no workload: give the file of the one to fit, or --name one of the cluster", ctx)
    cluster = load(sources, options)
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


def load(workloads: list[str] | tuple[str, ...], options: dict[str, Any]) -> Cluster:
    """The cluster that the options name."""
    cluster_files: tuple[str, ...] = options["cluster_files"]
    if not cluster_files:
        if "-" in workloads or sys.stdin.isatty():
            raise click.UsageError(
                "no cluster: give a dump with -c FILE, or pipe one in (bayplan --help tells how to make one)",
                click.get_current_context(),
            )
        cluster_files = ("-",)
    if [*cluster_files, *workloads].count("-") > 1:
        raise click.UsageError("stdin (-) can be read only once", click.get_current_context())
    with output.reading(cluster_files):
        return Cluster.load(
            cluster_files,
            version=options["kubernetes_version"],
            config=options["config"],
            seed=options["seed"],
            validate=options["validate"],
            overlay=options["overlay"],
        )


def explain(
    cluster: Cluster, pod: str, namespace: str, *, preemption: bool, placed: bool
) -> bayplan.Explanation:
    """The explanation of a pod; says what to do in terms of the command where there is no such pod."""
    try:
        return cluster.why(pod, namespace=namespace, preemption=preemption)
    except NotFoundError as error:
        if error.hint != ASK_THE_CLUSTER_AFTER:
            raise
        hint = "`bayplan place` lists the pods that the workloads make" if placed else "give its workload with -f FILE"
        raise NotFoundError.of_problem(error.problem, hint=hint) from None


def tell_skipped(cluster: Cluster) -> None:
    """Says which kinds were not read."""
    if cluster.skipped:
        kinds = ", ".join(f"{s.objects} {s.kind} ({s.api_version})" for s in cluster.skipped)
        output.say(f"not read: {kinds}")


def main() -> None:
    """The entry point, also as a plugin of kubectl."""
    plugin = os.path.basename(sys.argv[0]).startswith("kubectl-")
    cli(prog_name="kubectl bayplan" if plugin else "bayplan")
