"""What becomes of a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from bayplan._answer import Answer, Rendered
from bayplan._placements import NotApplied, Placement
from bayplan._whatif import Totals, Workload
from bayplan.picture import data

if TYPE_CHECKING:
    from bayplan._cluster import Cluster


class Applied(NamedTuple):
    """What came of an object that was applied."""

    kind: str
    #: `namespace/name`, or the name where the kind lives in no namespace.
    name: str
    #: `created`, `configured` or `unchanged`.
    result: str


class Gone(NamedTuple):
    """A pod that is there no more, or that ran to its end."""

    #: `namespace/name`.
    pod: str
    #: The node that it was on.
    node: str | None
    #: `Deleted` by its controller, `Preempted`, `TaintEviction` or `Finished`.
    why: str
    #: The pod that it made room for.
    by: str | None


class Drained(NamedTuple):
    """What came of draining a node."""

    node: str
    is_drained: bool
    #: The pods that were to go and did not, or that keep kubectl from beginning.
    left: tuple[str, ...]
    #: Why, in kubectl's words.
    errors: tuple[str, ...]
    #: The budgets that hold pods back.
    budgets: tuple[str, ...]


class Simulation(Answer):
    """What becomes of a cluster where manifests are applied: pods that come, wait and go, until nothing changes any more."""

    __slots__ = ("_cluster",)

    def __init__(self, native: Rendered, cluster: Cluster | None = None) -> None:
        super().__init__(native)
        self._cluster = cluster

    def _drawing(self) -> dict[str, Any]:
        return super()._drawing() | (
            data.of_cluster(self._cluster, title="The cluster after") if self._cluster is not None else {}
        )

    @property
    def cluster(self) -> Cluster:
        """The cluster after."""
        if self._cluster is None:
            raise AttributeError("a simulation that was pickled has left its cluster behind")
        return self._cluster

    @property
    def applied(self) -> tuple[Applied, ...]:
        """What came of each object, in order."""
        return tuple(Applied(entry["kind"], entry["name"], entry["result"]) for entry in self._document["applied"])

    @property
    def changes(self) -> tuple[str, ...]:
        """The changes, as options of the command."""
        return tuple(self._document["changes"])

    @property
    def workloads(self) -> tuple[Workload, ...]:
        """The workloads that something happened to, or that lack pods."""
        return tuple(Workload._of_json(row) for row in self._document["workloads"])

    @property
    def totals(self) -> Totals:
        """What the rows of workloads add up to."""
        return Totals._of_json(self._document["totals"])

    @property
    def drains(self) -> tuple[Drained, ...]:
        """What came of drains, node by node."""
        rows = (row for drain in self._document["drains"] for row in drain["nodes"])
        return tuple(
            Drained(row["name"], row["isDrained"], tuple(row["left"]), tuple(row["errors"]), tuple(row["budgets"]))
            for row in rows
        )

    @property
    def lines(self) -> tuple[str, ...]:
        """What kubectl prints of drains, line by line."""
        return tuple(line for drain in self._document["drains"] for line in drain["lines"])

    @property
    def pods(self) -> tuple[Placement, ...]:
        """The last decision for each pod that waited or came, and is still there, in the order of the first attempts."""
        return tuple(Placement._of_json(item) for item in self._document["items"])

    @property
    def placed(self) -> tuple[Placement, ...]:
        """Those that found a node."""
        return tuple(pod for pod in self.pods if pod.scheduled)

    @property
    def pending(self) -> tuple[Placement, ...]:
        """Those that did not, gated ones and those of other schedulers too."""
        return tuple(pod for pod in self.pods if not pod.scheduled)

    @property
    def gone(self) -> tuple[Gone, ...]:
        """The pods that the cluster had and has no more, or that ran to their end, in order."""
        return tuple(Gone(entry["pod"], entry["node"], entry["why"], entry["by"]) for entry in self._document["gone"])

    @property
    def not_applied(self) -> tuple[NotApplied, ...]:
        """Rules that concern some of the pods and were not applied, each once."""
        return tuple(dict.fromkeys(rule for pod in self.pods for rule in pod.not_applied))

    @property
    def left_out(self) -> tuple[str, ...]:
        """Objects and pods that a server refuses, and workloads that were not played: whose they are, and why."""
        return tuple(self._document["leftOut"])

    @property
    def not_done(self) -> tuple[str, ...]:
        """What the changes were to do and did not: objects that a server refuses, nodes that could not be drained."""
        stuck = (node for node in self.drains if not node.is_drained)
        return self.left_out + tuple(f"node {node.node} is not drained: {'; '.join(node.errors)}" for node in stuck)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be known of the input."""
        return tuple(self._document["warnings"])


class Drain(Simulation):
    """What `kubectl drain` would do and say, and where the pods go."""

    __slots__ = ()

    @property
    def is_drained(self) -> bool:
        """Are all of the nodes drained?"""
        return all(node.is_drained for node in self.drains)
