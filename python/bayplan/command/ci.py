"""Questions of pipelines and of operators: what differs, does this fit, how does an upgrade go."""

from __future__ import annotations

import gzip
import json
import os
import shlex
import subprocess
from typing import Any

import click

import bayplan
from bayplan import Change, Cluster, FileError
from bayplan._input import text_of
from bayplan._scrub import scrub as scrubbed
from bayplan.command import output
from bayplan.command.base import (
    EXIT_CODES,
    LEFT_PENDING,
    NOT_APPLIED,
    Failure,
    cli,
    common,
    files,
    load,
    preemption,
    tell_skipped,
)
from bayplan.command.changes import Changing, after, changes_of, changing, exit_code, note
from bayplan.command.whatif import duration

DIFF_CODES = """\b
Exit codes:
  0  with --exit-code: nothing differs
  1  with --exit-code: something differs
  2  the input is bad
  4  a rule that concerns a pod was not applied, or something was left out
"""


@cli.command(cls=Changing, epilog=DIFF_CODES)
@click.argument("workloads", metavar="[FILE]...", nargs=-1)
@files
@click.option("--with", "others", metavar="DUMP", multiple=True, help="Compare with this dump; may be repeated.")
@click.option(
    "--with-file", "other_files", metavar="FILE", multiple=True, help="Compare with these manifests, instead of FILEs."
)
@click.option("--exit-code", "as_code", is_flag=True, help="End with 1 where something differs.")
@changing
@preemption
@common
@click.pass_context
def diff(
    ctx: click.Context,
    /,
    workloads: tuple[str, ...],
    more_files: tuple[str, ...],
    others: tuple[str, ...],
    other_files: tuple[str, ...],
    as_code: bool,
    preemption: bool,
    **options: Any,
) -> None:
    """Show what differs between two versions, configurations, dumps or sets of manifests.

    On one side is the cluster with FILEs applied; on the other the dump that --with names, or the same cluster, with the
    manifests of --with-file, or FILEs, and the changes. Both are played to rest. What came is marked +, what went -, and what
    is another ~.

    \b
    Examples:
      bayplan diff -c dump.json deployment.yaml --to-version 1.36
      bayplan diff -c monday.json --with friday.json --exit-code
      bayplan diff -c dump.json old.yaml --with-file new.yaml
    """
    sources = (*workloads, *more_files)
    changes = changes_of(ctx, options["namespace"])
    if not (others or other_files or changes):
        raise click.UsageError("nothing to compare with: give --with DUMP, --with-file FILE, or a change", ctx)

    def applied(names: tuple[str, ...]) -> list[Change]:
        return [Change.apply(name, namespace=options["namespace"], validate=options["validate"]) for name in names]

    cluster = load(sources, options)
    other = load((), {**options, "cluster_files": others}) if others else cluster
    with output.progress("playing both") as progress:
        before = cluster.what_if(applied(sources), preemption=preemption, progress=progress)
        changed = [*applied(other_files or sources), *changes]
        changed_cluster = other.what_if(changed, preemption=preemption, progress=progress)
        answer = before.cluster.diff(changed_cluster.cluster, preemption=preemption, progress=progress)
    # What one side refuses is in neither, and would seem to be the same.
    note(ctx, before)
    note(ctx, changed_cluster)
    tell_skipped(cluster)
    output.show(answer, options["form"], warnings=answer.warnings)
    if answer.unsure:
        ctx.exit(NOT_APPLIED)
    ctx.exit(1 if as_code and not answer.is_same else 0)


@cli.command(cls=Changing)
@click.option(
    "--resource",
    "resources",
    metavar="NAME",
    multiple=True,
    help="Which resource; those whose name says gpu without it.",
)
@click.option("--pool", metavar="LABEL-KEY", help="The label that names a node's pool.")
@click.option(
    "--cpu", metavar="QUANTITY", help="What a pod needs beside each GPU; the least that a pod asks for without it."
)
@click.option("--memory", metavar="QUANTITY", help="The same of memory.")
@changing
@common
@click.pass_context
def gpus(
    ctx: click.Context,
    /,
    resources: tuple[str, ...],
    pool: str | None,
    cpu: str | None,
    memory: str | None,
    **options: Any,
) -> None:
    """Show where GPUs are free, which are stranded, and what frees a block of them.

    \b
    Example:
      bayplan gpus -c dump.json
    """
    cluster = after(ctx, load((), options), options["namespace"])
    with output.progress("trying moves") as progress:
        answer = cluster.gpus(resources=resources, pool=pool, cpu=cpu, memory=memory, progress=progress)
    tell_skipped(cluster)
    output.show(answer, options["form"], warnings=answer.warnings)


UPGRADE_CODES = EXIT_CODES.replace("all pods are placed", "every node can be replaced, and no pod is missing meanwhile")


@cli.command(cls=Changing, epilog=UPGRADE_CODES)
@click.argument("nodes", metavar="[NODES]", required=False)
@click.option("-l", "--selector", metavar="SELECTOR", help="The nodes, by their labels, as with kubectl.")
@click.option(
    "--surge",
    type=click.IntRange(0, 10_000),
    default=1,
    show_default=True,
    help="So many new nodes come before as many old ones go.",
)
@click.option("--force", is_flag=True, help="Let pods go that no controller makes again.")
@click.option(
    "--delete-emptydir-data/--keep-emptydir-data",
    default=True,
    show_default=True,
    help="Let pods go that have emptyDir volumes.",
)
@click.option(
    "--timeout",
    metavar="SECONDS",
    default="0",
    show_default=True,
    help="How long to try what a budget refuses; 0: as long as anything changes.",
)
@preemption
@changing
@common
@click.pass_context
def upgrade(
    ctx: click.Context,
    /,
    nodes: str | None,
    selector: str | None,
    surge: int,
    force: bool,
    delete_emptydir_data: bool,
    timeout: str,
    preemption: bool,
    **options: Any,
) -> None:
    """Rehearse an upgrade: each node in turn is drained, and replaced by one like it.

    Says who blocks it, how many extra nodes it takes, and how many pods are missing meanwhile.

    \b
    Example:
      bayplan upgrade -c dump.json -l pool=web --surge 2
    """
    if nodes and selector:
        raise click.UsageError("give either names of nodes, or a selector with -l", ctx)
    cluster = after(ctx, load((), options), options["namespace"])
    with output.progress("replacing nodes") as progress:
        answer = cluster.upgrade(
            nodes or selector,
            surge=surge,
            force=force,
            delete_emptydir_data=delete_emptydir_data,
            timeout=duration(timeout),
            preemption=preemption,
            progress=progress,
        )
    tell_skipped(cluster)
    output.show(answer, options["form"], warnings=answer.warnings)
    ctx.exit(exit_code(answer.unsure, answer.blocked or answer.peak_missing))


CHECK_CODES = """\b
Exit codes:
  0  the manifests can be applied, and every pod finds a node
  2  the input is bad
  3  a check fails
  4  a rule that concerns a pod was not applied
"""


@cli.command(epilog=CHECK_CODES)
@click.argument("manifests", metavar="[FILE]...", nargs=-1)
@files
@click.option(
    "--scenarios", metavar="FILE", help="Play these scenarios with the manifests applied, and check what they assert."
)
@click.option("--junit", metavar="FILE", help="Write a JUnit report.")
@click.option(
    "--github/--no-github",
    default=None,
    help="Print annotations for GitHub; by default where GITHUB_ACTIONS is set.",
)
@preemption
@common
@click.pass_context
def check(
    ctx: click.Context,
    /,
    manifests: tuple[str, ...],
    more_files: tuple[str, ...],
    scenarios: str | None,
    junit: str | None,
    github: bool | None,
    preemption: bool,
    **options: Any,
) -> None:
    """Check manifests before they are applied: validation, admission, quotas, rollout, placement.

    \b
    Example:
      bayplan check -c dump.json deploy/ --junit report.xml
    """
    sources = [*manifests, *more_files]
    if not sources:
        raise click.UsageError("no manifests: give files or directories", ctx)
    cluster: Cluster = load(tuple(sources), options)
    answer = cluster.check(
        sources,
        namespace=options["namespace"],
        validate=options["validate"],
        scenarios=scenarios,
        preemption=preemption,
    )
    tell_skipped(cluster)
    output.show(answer, options["form"], warnings=cluster.warnings, in_text=False)
    if junit:
        try:
            with open(junit, "w", encoding="utf-8") as report:
                report.write(answer.junit())
        except OSError as error:
            raise Failure(f"{junit}: {error.strerror or error}") from error
    if github or (github is None and os.environ.get("GITHUB_ACTIONS") == "true"):
        click.echo(answer.annotations(), nl=False, err=options["form"] != "table")
    ctx.exit(LEFT_PENDING if not answer.ok else NOT_APPLIED if answer.unsure else 0)


@cli.command()
@click.argument("file", metavar="FILE", default="dump.json.gz")
@click.option(
    "--scrub", is_flag=True, help="Replace names, labels, images and uids, the same everywhere: the decisions stay."
)
@click.option("--from", "source", metavar="DUMP", help="Scrub this dump, instead of asking the cluster.")
@click.option("--context", metavar="NAME", help="kubectl's context.")
def dump(file: str, scrub: bool, source: str | None, context: str | None) -> None:
    """Dump the cluster that kubectl talks to into FILE (dump.json.gz), packed where its name ends in .gz.

    Runs one kubectl command, which `bayplan --help` shows: it reads, and asks for no secrets.

    \b
    Examples:
      bayplan dump
      bayplan dump --scrub for-others.json.gz
      bayplan dump --scrub --from dump.json for-others.json.gz
    """
    if source:
        try:
            _, text = text_of(source)
        except FileError as error:
            raise Failure(str(error)) from error
    else:
        kubectl = shlex.split(bayplan.DUMP_COMMAND)
        if context:
            kubectl[1:1] = ["--context", context]
        try:
            ran = subprocess.run(kubectl, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except OSError as error:
            raise Failure(
                f"kubectl cannot be run: {error.strerror or error}; install it, or give a dump with --from"
            ) from error
        if ran.returncode:
            raise Failure(f"kubectl ended with {ran.returncode}: {ran.stderr.decode(errors='replace').strip()}")
        text = ran.stdout.decode()
    if scrub:
        try:
            text = json.dumps(scrubbed(json.loads(text)))
        except ValueError as error:
            raise Failure(f"{source or 'kubectl'}: this is not JSON: {error}") from error
    data = text.encode()
    try:
        with open(file, "wb") as written:
            written.write(gzip.compress(data) if file.endswith(".gz") else data)
    except OSError as error:
        raise Failure(f"{file}: {error.strerror or error}") from error
    output.say(f"{file}: {len(data) / 1e6:.1f} MB of JSON; ask it with: bayplan nodes -c {shlex.quote(file)}")


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "kubectl"]))
def completion(shell: str) -> None:
    """Print the completion of a shell, or of kubectl for `kubectl bayplan`.

    \b
    Examples:
      source <(bayplan completion bash)
      bayplan completion fish > ~/.config/fish/completions/bayplan.fish
      bayplan completion kubectl > ~/bin/kubectl_complete-bayplan; chmod +x ~/bin/kubectl_complete-bayplan
    """
    from click.shell_completion import get_completion_class

    if shell == "kubectl":
        click.echo(KUBECTL, nl=False)
        return
    complete = get_completion_class(shell)
    assert complete is not None
    try:
        click.echo(complete(cli, {}, "bayplan", "_BAYPLAN_COMPLETE").source())
    except RuntimeError as error:  # an old bash
        raise Failure(str(error)) from error


#: kubectl asks a command of this name for the words that may come next, a line each, with a directive at the end.
KUBECTL = r"""#!/bin/sh
# Completes `kubectl bayplan`: put it on the PATH as kubectl_complete-bayplan.
count=$#
COMP_WORDS="bayplan $*" COMP_CWORD="$count" _BAYPLAN_COMPLETE=bash_complete bayplan | sed 's/^[a-z]*,//'
echo ":4"
"""
