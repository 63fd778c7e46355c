"""Where pods landed."""

from __future__ import annotations

import array
import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from bayplan import _bayplan, _frames
from bayplan.picture import Drawn, data

if TYPE_CHECKING:
    import pandas
    import polars

    from bayplan._cluster import Cluster


class NotApplied(NamedTuple):
    """A rule that concerns a pod and was not applied, so that the real decision may be another."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node on which preemption helps."""

    node: str
    #: The pods that would be evicted, the most important first.
    victims: tuple[str, ...]
    #: How many of them violate a disruption budget.
    violations: int


@dataclass(frozen=True, slots=True)
class Preemption(Drawn):
    """What preemption makes of a pod that fits nowhere."""

    #: What the event says after the placement's message, word for word; it may be empty.
    message: str
    #: The node from which pods would be evicted, where that helps: the best, and of several the first in node order.
    node: str | None
    #: How many nodes are as good; kube-scheduler takes one of them by chance.
    ties: int
    #: The pods that would be evicted, the most important first.
    victims: tuple[str, ...]
    #: How many of them violate a disruption budget.
    violations: int
    #: Every node on which it helps, where they were asked for with `Cluster.preempt`.
    candidates: tuple[Candidate, ...] = ()

    @classmethod
    def _of_json(cls, item: dict[str, Any], candidates: tuple[Candidate, ...] = ()) -> Preemption:
        victims = tuple(item["victims"])
        return cls(item["message"], item.get("node"), item["ties"], victims, item["violations"], candidates)

    def _repr_html_(self) -> str:
        best = [] if self.node is None else [Candidate(self.node, self.victims, self.violations)]
        rows = [
            [candidate.node, ", ".join(candidate.victims), str(candidate.violations)]
            for candidate in self.candidates or best
        ]
        lines = [self.message] if self.message else []
        if self.node is not None:
            lines.append(f"evicts from {self.node}" + (f", one of {self.ties} as good" if self.ties > 1 else ""))
        return _bayplan.table_html(["NODE", "EVICTS", "BUDGETS VIOLATED"], rows, lines)


@dataclass(frozen=True, slots=True)
class Eviction:
    """A pod that was evicted to make room for another."""

    #: `namespace/name`
    pod: str
    node: str
    priority: int
    #: The pod that it made room for.
    by: str
    #: The pod that its controller makes in its place; none where no controller owns the pod: it is gone for good.
    replaced_by: str | None


@dataclass(frozen=True, slots=True)
class Placement:
    """What was decided for one pod."""

    namespace: str
    name: str
    #: `Scheduled`, `Unschedulable`, `Gated`, `Error`, or `Ignored` where another scheduler places the pod.
    outcome: str
    #: The node, where there is one.
    node: str | None
    #: The node's total score; 0 where it was the only feasible one, as scoring is then skipped.
    score: int
    #: How many nodes have that score.
    ties: int
    #: How many nodes are feasible.
    feasible: int
    #: Why it is not placed, word for word as kube-scheduler says it; empty where it is.
    message: str
    not_applied: tuple[NotApplied, ...]
    #: Objects that are not in the input and a rule needed.
    missing: tuple[str, ...]
    #: What preemption makes of a pod that fits nowhere; none where nothing was asked of it.
    preemption: Preemption | None = None

    @property
    def event(self) -> str:
        """What the event says of a pod that is not placed: the message, and what preemption adds."""
        added = self.preemption.message if self.preemption else ""
        return f"{self.message} {added}" if added else self.message

    @property
    def pod(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"

    @property
    def scheduled(self) -> bool:
        """Was a node found?"""
        return self.outcome == "Scheduled"

    @classmethod
    def _of_row(cls, row: _bayplan._Row) -> Placement:
        preempts = row[10]
        preemption = Preemption(*preempts[:3], tuple(preempts[3]), preempts[4]) if preempts else None
        return cls(*row[:8], tuple(NotApplied(*rule) for rule in row[8]), tuple(row[9]), preemption)

    @classmethod
    def _of_json(cls, item: dict[str, Any]) -> Placement:
        return cls(
            item["namespace"],
            item["name"],
            item["outcome"],
            item["node"],
            item["score"],
            item["ties"],
            item["feasible"],
            item["message"],
            tuple(NotApplied(rule["rule"], rule["why"]) for rule in item["notApplied"]),
            tuple(item["missing"]),
            Preemption._of_json(item["preemption"]) if item["preemption"] else None,
        )


class Placements(Drawn, Sequence[Placement]):
    """Decisions in the order of the scheduler's queue: the highest priority first, then the oldest.

    A sequence of `Placement`; nothing in it changes. Its repr is a table with a row a workload; `to_text(wide=True)` has a
    row a pod, as `kubectl get pods -o wide` prints it.
    """

    __slots__ = ("_cluster", "_native")

    def __init__(self, native: _bayplan.Placements, cluster: Cluster | None) -> None:
        self._native = native
        self._cluster = cluster

    def to_text(self, width: int | None = None, *, wide: bool = False) -> str:
        """The answer for a terminal of so many columns; `wide` has all rows."""
        return self._native.text(width, wide)

    def to_markdown(self, *, wide: bool = False) -> str:
        """The answer for a comment on a pull request."""
        return self._native.markdown(wide)

    def to_csv(self) -> str:
        """The rows of the answer's first table."""
        return self._native.csv()

    @property
    def cluster(self) -> Cluster:
        """The cluster after, with the placed pods bound."""
        if self._cluster is None:
            raise AttributeError("placements that were pickled have left their cluster behind")
        return self._cluster

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be known of the input, as of replicas that exist already."""
        return tuple(self._native.warnings)

    @property
    def placed(self) -> tuple[Placement, ...]:
        """Those that found a node."""
        return tuple(placement for placement in self if placement.scheduled)

    @property
    def pending(self) -> tuple[Placement, ...]:
        """Those that did not, gated ones and those of other schedulers too."""
        return tuple(placement for placement in self if not placement.scheduled)

    @property
    def evictions(self) -> tuple[Eviction, ...]:
        """The pods that were evicted to make room for others, in order."""
        return tuple(Eviction(*row) for row in self._native.evictions)

    @property
    def not_applied(self) -> tuple[NotApplied, ...]:
        """Rules that concern some of the pods and were not applied, each once."""
        return tuple(dict.fromkeys(rule for placement in self for rule in placement.not_applied))

    @property
    def left_out(self) -> tuple[str, ...]:
        """What makes pods, or refuses some, and plays no part in the answer."""
        return tuple(self._native.left_out)

    def __len__(self) -> int:
        return len(self._native)

    @overload
    def __getitem__(self, index: int | str) -> Placement: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Placement, ...]: ...
    def __getitem__(self, index: int | slice | str) -> Placement | tuple[Placement, ...]:
        if isinstance(index, str):
            return self.of(index)
        if isinstance(index, slice):
            return tuple(self._row(i) for i in range(*index.indices(len(self))))
        if not -len(self) <= index < len(self):
            raise IndexError(f"there are {len(self)} placements, none at {index}")
        return self._row(index % len(self))

    def __iter__(self) -> Iterator[Placement]:
        return map(self._row, range(len(self)))

    def _row(self, index: int) -> Placement:
        return Placement._of_row(self._native.row(index))

    def of(self, pod: str) -> Placement:
        """That of a pod, `namespace/name`."""
        for placement in self:
            if placement.pod == pod:
                return placement
        from bayplan._errors import NotFoundError

        raise NotFoundError(f"pod {pod} is not among the placements; name it as namespace/name")

    def to_dict(self) -> dict[str, Any]:
        """The versioned document (`apiVersion: bayplan/v1`, `kind: Placements`) that the command prints."""
        return json.loads(self.to_json())  # type: ignore[no-any-return]

    def to_json(self) -> str:
        """The same as JSON."""
        return self._native.json()

    def to_pandas(self) -> pandas.DataFrame:
        """A row per pod."""
        return _frames.to_pandas(self._columns())

    def to_polars(self) -> polars.DataFrame:
        """A row per pod."""
        columns = self._columns()
        texts = [name for name, column in columns.items() if not isinstance(column, bytes) and name != "cpu"]
        return _frames.to_polars(columns, texts=texts)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """For whatever takes Arrow tables: pyarrow, polars, duckdb. A row per pod."""
        return _frames.arrow_stream(self._columns(), requested_schema)

    def _columns(self) -> dict[str, list[Any] | bytes]:
        """The native part's, cpu in cores."""
        columns: dict[str, list[Any] | bytes] = {}
        for name, column in self._native.columns().items():
            if name == "milli_cpu":
                assert isinstance(column, bytes)
                columns["cpu"] = [amount / 1000 for amount in array.array("q", column)]
            else:
                columns[name] = column
        return columns

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Placements) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __repr__(self) -> str:
        return self._native.text().rstrip("\n")

    def _repr_html_(self) -> str:
        return self._native.html()

    def _wide_html(self) -> str:
        return self._native.html(True)

    def _drawing(self) -> dict[str, Any]:
        return data.of_cluster(self._cluster, title="The cluster after") if self._cluster is not None else {}

    def __copy__(self) -> Placements:
        return Placements(self._native, self._cluster)

    def __deepcopy__(self, memo: dict[int, Any]) -> Placements:
        return Placements(self._native, copy.deepcopy(self._cluster, memo))

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickle, (self.to_json(),)


def _unpickle(text: str) -> Placements:
    return Placements(_bayplan.Placements.from_json(text), None)
