"""What all commands share: options, the cluster, exit codes, errors."""

from __future__ import annotations

import errno
import logging
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

import bayplan
from bayplan import Cluster, Error, NotFoundError
from bayplan._cluster import ASK_THE_CLUSTER_AFTER, MAX_PODS, MOST, MOST_SEED
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
            type=click.Choice(output.FORMS),
            default="table",
            show_default=True,
            help="wide has all rows; json and yaml are documents of apiVersion bayplan/v1; csv is the first table, html "
            "a page with pictures.",
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
    with output.reading(cluster_files), output.waiting(cluster_files):
        return Cluster.load(
            cluster_files,
            version=options["kubernetes_version"],
            config=options["config"],
            seed=options["seed"],
            validate=options["validate"],
            overlay=options["overlay"],
        )


def explain(cluster: Cluster, pod: str, namespace: str, *, preemption: bool, placed: bool) -> bayplan.Explanation:
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
