"""Many scenarios over one cluster, on any executor."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, overload

import yaml

from bayplan import _bayplan
from bayplan._change import Change, Changes, documents
from bayplan._errors import Error, FileError, InputError
from bayplan._rows import Rows
from bayplan._whatif import Totals, Workload

if TYPE_CHECKING:
    from bayplan._cluster import Cluster

#: A chunk of scenarios takes at least so long: executors that send work elsewhere cost milliseconds a task.
CHUNK_SECONDS = 0.05
#: How often an interrupt is looked for, and progress told.
PATIENCE = 0.1
#: A chunk whose worker died is given to another one so often.
TRIES = 3


class Checked(NamedTuple):
    """Whether an assertion holds."""

    holds: bool
    #: What was found, in a sentence.
    says: str


class Scenario(NamedTuple):
    """Named changes, and what must hold after them."""

    name: str
    changes: tuple[Change, ...]
    #: As in `assert` of a document: `{"count": "missing", "minPriority": 1000, "atMost": 0}`.
    assertions: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, name: str, changes: Changes, assertions: Iterable[Mapping[str, Any]] = ()) -> Scenario:
        """A scenario of one change or several."""
        made = (Change.of(json.loads(document)) for document in documents(changes))
        return cls(name, tuple(made), tuple(assertions))

    def to_dict(self) -> dict[str, Any]:
        """As an item of `scenarios` in a document."""
        changes = [change.to_dict() for change in self.changes]
        return {"name": self.name, "changes": changes, "assert": [dict(item) for item in self.assertions]}


#: Scenarios as they may be given: by themselves, as a document of `kind: Scenarios`, or the path of one.
Given: TypeAlias = Mapping[str, Any] | Iterable[Scenario] | str | os.PathLike[str]


class Swept(NamedTuple):
    """What came of a scenario."""

    scenario: str
    #: As options of the command.
    changes: tuple[str, ...]
    #: None where it failed.
    totals: Totals | None
    workloads: tuple[Workload, ...]
    #: Which part of each resource is requested after.
    utilisation: Mapping[str, float | None]
    #: Nodes that could not be drained.
    not_drained: tuple[str, ...]
    #: Its assertions, in order.
    checked: tuple[Checked, ...]
    #: What may be otherwise in a real cluster.
    unsure: tuple[str, ...]
    #: Why there is no answer.
    error: str | None

    @property
    def holds(self) -> bool:
        """Was it played, and do all of its assertions hold?"""
        return self.error is None and all(check.holds for check in self.checked)

    @classmethod
    def _of_json(cls, row: dict[str, Any]) -> Swept:
        changes = tuple(row["changes"])
        if row["error"] is not None:
            return cls(row["scenario"], changes, None, (), {}, (), (), (), row["error"])
        return cls(
            row["scenario"],
            changes,
            Totals._of_json(row),
            tuple(Workload._of_json(workload) for workload in row["workloads"]),
            {name: amount["share"] for name, amount in row["after"]["resources"].items()},
            tuple(row["notDrained"]),
            tuple(Checked(check["holds"], check["says"]) for check in row["assert"]),
            tuple(row["unsure"]),
            None,
        )


class Sweep(Rows, Sequence[Swept]):
    """What came of each scenario, in their order; those that were not played are left out."""

    __slots__ = ("_documents", "interrupted")

    def __init__(self, documents: Sequence[dict[str, Any]], interrupted: bool = False) -> None:
        self._documents = tuple(documents)
        #: Was it stopped before all were played?
        self.interrupted = interrupted

    def __len__(self) -> int:
        return len(self._documents)

    @overload
    def __getitem__(self, index: int) -> Swept: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Swept, ...]: ...
    def __getitem__(self, index: int | slice) -> Swept | tuple[Swept, ...]:
        if isinstance(index, slice):
            return tuple(Swept._of_json(row) for row in self._documents[index])
        return Swept._of_json(self._documents[index])

    def __iter__(self) -> Iterator[Swept]:
        return (Swept._of_json(row) for row in self._documents)

    @property
    def holds(self) -> bool:
        """Do all assertions of all scenarios hold?"""
        return not self.interrupted and all(row.holds for row in self)

    def to_dict(self) -> dict[str, Any]:
        """The versioned document."""
        return {
            "apiVersion": "bayplan/v1",
            "kind": "Sweep",
            "summary": {
                "scenarios": len(self),
                "hold": sum(row.holds for row in self),
                "interrupted": self.interrupted,
            },
            "scenarios": list(self._documents),
        }

    def _table(self, wide: bool) -> tuple[list[str], list[list[str]]]:
        header = ["SCENARIO", "HOLDS", "MOVED", "NEWLY MISSING", "LOST", "PREEMPTED", "SAYS"]
        rows = []
        for row in self:
            says = row.error or "; ".join(check.says for check in row.checked if wide or not check.holds)
            totals = row.totals or Totals(0, 0, 0, 0, 0)
            numbers = [totals.moved, totals.newly_missing, totals.lost, totals.preempted]
            rows.append([row.scenario, "yes" if row.holds else "no", *map(str, numbers), says])
        return header, rows


def scenarios_of(given: Given) -> list[Scenario]:
    """The scenarios of a document, of its path, or as they are."""
    if isinstance(given, (str, os.PathLike)):
        path = os.fspath(given)
        try:
            with open(path, encoding="utf-8") as file:
                document = yaml.safe_load(file)
        except OSError as error:
            raise FileError.of_problem(error.strerror or str(error), source=path) from error
        except yaml.YAMLError as error:
            raise InputError.of_problem(f"this is not YAML: {error}", source=path) from error
        return _of_document(document, path)
    if isinstance(given, Mapping):
        return _of_document(given, None)
    return list(given)


def _of_document(document: Any, path: str | None) -> list[Scenario]:
    scenarios = []
    for text in _bayplan.scenarios(json.dumps(document), path):
        item = json.loads(text)
        changes = []
        for change in item["changes"]:
            if "apply" in change and "file" in change["apply"]:
                apply = change["apply"]
                namespace, validate = apply.get("namespace"), apply.get("validate", "strict")
                changes.append(Change.apply(apply["file"], namespace=namespace, validate=validate))
            elif isinstance(change.get("config"), str):
                changes.append(Change.config(change["config"]))
            else:
                changes.append(Change.of(change))
        scenarios.append(Scenario(item["name"], tuple(changes), tuple(item.get("assert", ()))))
    return scenarios


class _Unknown(Exception):
    """A worker that has not got the cluster yet."""


#: The clusters at rest that this process has, by what they were made from.
_bases: dict[str, Any] = {}


def _play(token: str, cluster: bytes | None, play: dict[str, int], chunk: list[str]) -> list[str]:
    """Plays some scenarios in another process; the cluster comes with the first."""
    base = _bases.get(token)
    if base is None:
        if cluster is None:
            raise _Unknown(token)
        # One at a time: clusters are large.
        _bases.clear()
        base = _bases[token] = _bayplan.base(_bayplan.Cluster.from_bytes(cluster), play)
    return [base.play(scenario) for scenario in chunk]


def sweep(
    cluster: Cluster,
    scenarios: Sequence[Scenario],
    play: dict[str, int],
    executor: Executor | None,
    progress: Callable[[int, int], object] | None,
) -> Sweep:
    """Plays scenarios; whatever ends it early, what is done is given."""
    texts = [json.dumps(scenario.to_dict()) for scenario in scenarios]
    rows: dict[int, dict[str, Any]] = {}
    if not texts:
        return Sweep([])
    base = _bayplan.base(cluster._native, play)
    begun = time.perf_counter()
    rows[0] = json.loads(base.play(texts[0]))
    each = time.perf_counter() - begun
    size = max(1, min(int(CHUNK_SECONDS / max(each, 1e-6)) + 1, 1000))
    chunks = [range(at, min(at + size, len(texts))) for at in range(1, len(texts), size)]
    own = ThreadPoolExecutor(os.cpu_count() or 1) if executor is None else None
    pool = own or executor
    assert pool is not None
    is_local = isinstance(pool, ThreadPoolExecutor)
    data = b"" if is_local else cluster.to_bytes()
    token = hashlib.sha256(data + json.dumps(play).encode()).hexdigest()

    def submit(chunk: range, with_cluster: bool) -> Future[list[str]]:
        part = [texts[at] for at in chunk]
        if is_local:
            return pool.submit(lambda: [base.play(scenario) for scenario in part])
        return pool.submit(_play, token, data if with_cluster else None, play, part)

    waiting: dict[Future[list[str]], tuple[range, int]] = {}
    interrupted = False
    try:
        left = list(reversed(chunks))
        most = 4 * (os.cpu_count() or 1)
        # The first chunks bring the cluster along; later ones find it where they come.
        sent = 0
        while left or waiting:
            while left and len(waiting) < most:
                chunk = left.pop()
                waiting[submit(chunk, sent < (os.cpu_count() or 1))] = (chunk, 1)
                sent += 1
            done, _ = wait(waiting, timeout=PATIENCE, return_when=FIRST_COMPLETED)
            for future in done:
                chunk, tries = waiting.pop(future)
                try:
                    results = future.result()
                except _Unknown:
                    waiting[submit(chunk, True)] = (chunk, tries)
                    continue
                except Exception as error:
                    if tries < TRIES and not isinstance(error, Error):
                        try:
                            waiting[submit(chunk, True)] = (chunk, tries + 1)
                            continue
                        except RuntimeError:  # the pool is broken: here it goes on
                            results = [base.play(texts[at]) for at in chunk]
                    else:
                        results = [base.play(texts[at]) for at in chunk]
                for at, result in zip(chunk, results):
                    rows[at] = json.loads(result)
            if progress is not None:
                progress(len(rows), len(texts))
    except KeyboardInterrupt:
        interrupted = True
        for future in waiting:
            future.cancel()
    finally:
        if own is not None:
            own.shutdown(wait=not interrupted, cancel_futures=True)
    return Sweep([rows[at] for at in sorted(rows)], interrupted)
