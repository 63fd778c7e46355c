"""What the command prints: answers on stdout, everything else on stderr; colours only on a terminal."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any

import click
import yaml
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from bayplan import Placements
from bayplan._answer import Answer
from bayplan._bayplan import visible
from bayplan._rows import Rows

#: The forms of an answer.
FORMS = ["table", "wide", "json", "yaml", "csv", "markdown", "html"]
#: Seconds after which a long call says how far it is.
PATIENCE = 0.5
#: Seconds after which an empty stdin is said to be one.
PATIENCE_FOR_STDIN = 2.0
#: Reading less than this takes no time worth a word.
LARGE = 20_000_000

STYLES = [
    (r"(?m)^(?!ERROR|WARNING|OK)[A-Z][A-Z .]*(?: {3}.*)?$", "bold"),
    (r"\bScheduled\b", "green"),
    (r"\bPending\b", "yellow"),
    (r"\b(?:SchedulingGated|Ignored)\b", "cyan"),
    (r"\bError\b", "red"),
    (r"(?m)^(?:rule not applied|not in the input|warning):", "bold yellow"),
]


def show(answer: Placements | Answer | Rows, form: str, *, warnings: Iterable[str], in_text: bool = True) -> None:
    """Prints an answer, and warnings on stderr unless its text has them."""
    if form in ("json", "yaml", "csv") or not in_text:
        for warning in warnings:
            say(f"warning: {warning}", style="yellow")
    if form == "json":
        import json

        click.echo(json.dumps(answer.to_dict(), indent=2, ensure_ascii=False))
    elif form == "yaml":
        click.echo(
            yaml.dump(answer.to_dict(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000), nl=False
        )
    elif form == "csv":
        click.echo(answer.to_csv(), nl=False)
    elif form == "markdown":
        click.echo(answer.to_markdown(), nl=False)
    elif form == "html":
        click.echo(answer.to_html(), nl=False)
    elif is_terminal(sys.stdout):
        text = Text(answer.to_text(Console().width, wide=form == "wide").rstrip("\n"))
        for pattern, style in STYLES:
            text.highlight_regex(pattern, style)
        Console().print(text, soft_wrap=True)
    else:
        click.echo(answer.to_text(wide=form == "wide").rstrip("\n"))


def is_terminal(stream: Any) -> bool:
    """Are there colours and a width? `FORCE_COLOR` says yes where nobody looks."""
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def give_up() -> None:
    """Drops what is still to be printed, which Python would else try once more at its end."""
    # A stream of a test has no file behind it.
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# libyaml's is ten times as fast, where it is there.
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def say(message: str, *, style: str = "dim") -> None:
    """Says something on stderr, in one line whatever it quotes."""
    message = visible(message)
    if is_terminal(sys.stderr):
        Console(stderr=True).print(Text(message, style=style), soft_wrap=True)
    else:
        click.echo(message, err=True)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """Shows how far a long call is; a short one is over before anything is shown."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(what, total=None)
    begun = time.monotonic()

    # An interrupt in the middle of what rich does to the terminal would leave it half done: it waits for the next step.
    interrupted = False

    def note(*_: object) -> None:
        nonlocal interrupted
        interrupted = True

    def step(done: int, of: int) -> None:
        if interrupted:
            raise KeyboardInterrupt
        bar.update(task, completed=done, total=of)
        if time.monotonic() - begun > PATIENCE:
            bar.start()

    before = signal.signal(signal.SIGINT, note)
    try:
        yield step
    finally:
        bar.stop()
        signal.signal(signal.SIGINT, before)
    if interrupted:
        raise KeyboardInterrupt


@contextmanager
def waiting(files: Iterable[str]) -> Iterator[None]:
    """Says what is waited for where nobody writes to stdin; an interrupt ends at once what cannot ask for it."""
    nobody = threading.Timer(PATIENCE_FOR_STDIN, lambda: None)
    if "-" in files:

        def tell() -> None:
            with suppress(OSError, ValueError):
                if not select.select([sys.stdin], [], [], 0)[0]:
                    say("waiting for a dump on stdin; give one with -c FILE, or Ctrl-C to stop")

        nobody = threading.Timer(PATIENCE_FOR_STDIN, tell)
        nobody.daemon = True
        nobody.start()
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, lambda *_: os._exit(130)) if is_main else None
    try:
        yield
    finally:
        nobody.cancel()
        if is_main:
            signal.signal(signal.SIGINT, before)


def reading(files: Iterable[str]) -> AbstractContextManager[Any]:
    """Says that large files are being read."""
    size = sum(os.path.getsize(file) for file in files if os.path.isfile(file))
    if size < LARGE or not sys.stderr.isatty():
        return nullcontext()
    return Console(stderr=True).status(f"reading {size / 1e6:.0f} MB")
