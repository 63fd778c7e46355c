"""Answers to what-if questions: what the loss of each domain does, and which nodes can go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from bayplan._answer import Answer
from bayplan.picture import data

if TYPE_CHECKING:
    from bayplan._answer import Rendered
    from bayplan._cluster import Cluster


class Told(Answer):
    """An answer that tells what is to be known of it."""

    __slots__ = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be known of the input."""
        return tuple(self._document["warnings"])

    @property
    def left_out(self) -> tuple[str, ...]:
        """What plays no part: whose it is, and why."""
        return tuple(self._document.get("leftOut", ()))

    @property
    def unsure(self) -> tuple[str, ...]:
        """What may be otherwise in a real cluster: rules that were not applied, what a server refuses."""
        return tuple(self._document.get("unsure", ()))


class Workload(NamedTuple):
    """A workload that something happened to, or that lacks pods."""

    namespace: str
    name: str
    #: That of what nobody controls: a Deployment rather than its ReplicaSets.
    kind: str
    priority: int
    #: How many pods it asks for, after.
    wanted: int
    #: How many were on nodes before.
    before: int
    #: How many are on nodes after.
    after: int
    #: How many are on another node, or were replaced by one that is.
    moved: int
    #: How many went for good.
    lost: int
    #: How many it asks for that are on no node.
    missing: int
    #: The same before.
    missing_before: int
    #: How many were evicted to make room for others.
    preempted: int

    @classmethod
    def _of_json(cls, row: dict[str, Any]) -> Workload:
        return cls(*(row["missingBefore" if field == "missing_before" else field] for field in cls._fields))


class Totals(NamedTuple):
    """What the rows of workloads add up to, in pods."""

    moved: int
    lost: int
    missing: int
    #: Those that were not missing before.
    newly_missing: int
    preempted: int

    @classmethod
    def _of_json(cls, row: dict[str, Any]) -> Totals:
        return cls(row["moved"], row["lost"], row["missing"], row["newlyMissing"], row["preempted"])


class Failure(NamedTuple):
    """What happens when a domain is lost."""

    #: The values of the label: one, or of a pair two.
    domains: tuple[str, ...]
    #: How many nodes are lost.
    nodes: int
    totals: Totals
    workloads: tuple[Workload, ...]
    #: Which part of each resource is requested of the nodes that are left.
    utilisation: dict[str, float | None]


class Fail(Told):
    """What happens when each domain of a label is lost in turn."""

    __slots__ = ()

    def _drawing(self) -> dict[str, Any]:
        return {"heat": data.heat(self._document)}

    @property
    def by(self) -> str:
        """The label's key."""
        by: str = self._document["by"]
        return by

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Each domain in the order of the values, then each pair."""
        return tuple(
            Failure(
                tuple(row["domains"]),
                row["nodes"],
                Totals._of_json(row),
                tuple(Workload._of_json(workload) for workload in row["workloads"]),
                {name: amount["share"] for name, amount in row["after"]["resources"].items()},
            )
            for row in self._document["failures"]
        )

    @property
    def worst(self) -> Failure | None:
        """The one after which most pods are missing or lost."""
        return max(self.failures, key=lambda one: one.totals.newly_missing + one.totals.lost, default=None)

    @property
    def survives(self) -> bool:
        """Can any domain fail without a pod going missing or being lost?"""
        return all(one.totals.newly_missing + one.totals.lost == 0 for one in self.failures)

    @property
    def unsure(self) -> tuple[str, ...]:
        """What may be otherwise in a real cluster: rules that were not applied, what a server refuses."""
        return tuple(dict.fromkeys(text for row in self._document["failures"] for text in row["unsure"]))


class Emptied(NamedTuple):
    """A node that can be switched off."""

    node: str
    price: float | None
    #: The pods that are evicted from it.
    moves: tuple[str, ...]


class Kept(NamedTuple):
    """A node that stays, and why."""

    node: str
    why: str


class Shrink(Told):
    """Which nodes can be switched off together."""

    __slots__ = ()

    @property
    def emptied(self) -> tuple[Emptied, ...]:
        """In the order in which they are drained."""
        rows = self._document["emptied"]
        return tuple(Emptied(row["node"], row["price"], tuple(row["moves"])) for row in rows)

    @property
    def kept(self) -> tuple[Kept, ...]:
        """The others that were tried, and why they stay."""
        return tuple(Kept(row["node"], row["why"]) for row in self._document["kept"])

    @property
    def saved(self) -> float | None:
        """What is saved, where prices are known."""
        saved: float | None = self._document["summary"]["saved"]
        return saved


class Nodes(Answer):
    """The nodes as a table, or the sums by a label."""

    __slots__ = ("_of",)

    def __init__(self, native: Rendered, of: Cluster | None = None) -> None:
        super().__init__(native)
        self._of = of

    def _drawing(self) -> dict[str, Any]:
        return data.of_cluster(self._of, curve=True) if self._of is not None else {}


class Fitted(NamedTuple):
    """How many more replicas of one workload fit."""

    #: As messages name it: `Deployment shop/web`.
    workload: str
    #: How many of it a bundle has.
    per_bundle: int
    replicas: int
    limit_reached: bool
    #: Why the next does not fit, word for word; empty where something else ends it.
    stopped_by: str
    #: Each reason, and on how many nodes.
    reasons: dict[str, int]


class FitSeveral(Told):
    """How many more replicas of several workloads fit."""

    __slots__ = ()

    @property
    def bundles(self) -> int | None:
        """How many whole bundles fit, where bundles were asked for."""
        bundles: int | None = self._document["bundles"]
        return bundles

    @property
    def items(self) -> tuple[Fitted, ...]:
        """Each workload, in order."""
        return tuple(
            Fitted(
                row["workload"],
                row["count"],
                row["replicas"],
                row["limitReached"],
                row["refused"] or (row["stoppedBy"] or {}).get("message", ""),
                {entry["reason"]: entry["nodes"] for entry in row["reasons"]},
            )
            for row in self._document["items"]
        )

    @property
    def stranded(self) -> dict[str, float]:
        """What is free on nodes when no more fits: cores, bytes, pieces."""
        stranded: dict[str, float] = self._document["stranded"]
        return stranded

    @property
    def not_applied(self) -> tuple[str, ...]:
        """Rules that concern the pods and were not applied."""
        rules = (rule for row in self._document["items"] for rule in row["notApplied"])
        return tuple(dict.fromkeys(f"{rule['rule']}: {rule['why']}" for rule in rules))


class PreemptionPreview(Answer):
    """Whom a waiting pod would evict."""

    __slots__ = ()

    @property
    def fits(self) -> bool:
        """Does it fit without evicting anybody?"""
        return self._document["decision"]["node"] is not None

    @property
    def node(self) -> str | None:
        """The node from which pods would be evicted."""
        node: str | None = self._document["node"]
        return node


class Difference(NamedTuple):
    """Something that differs between two clusters."""

    #: `+` for what came, `-` for what went, `~` for what is another.
    sign: str
    #: `node`, `workload` or `pod`.
    of: str
    name: str
    before: str | None
    after: str | None


class Diff(Told):
    """What differs between two clusters."""

    __slots__ = ()

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Nodes first, then workloads, then pods, each by name."""
        rows = self._document["items"]
        return tuple(Difference(*(row[field] for field in Difference._fields)) for row in rows)

    @property
    def is_same(self) -> bool:
        """Does nothing differ?"""
        return not self._document["items"]


class Step(NamedTuple):
    """A node of an upgrade."""

    node: str
    #: The one that comes in its place.
    replacement: str
    is_done: bool
    evicted: int
    #: How many pods more than at the beginning were on no node.
    missing: int
    #: Who keeps it from being drained.
    blocked_by: tuple[str, ...]


class Upgrade(Told):
    """What an upgrade goes through, node by node."""

    __slots__ = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """Each node in turn."""
        return tuple(
            Step(
                row["node"], row["replacement"], row["isDone"], row["evicted"], row["missing"], tuple(row["blockedBy"])
            )
            for row in self._document["items"]
        )

    @property
    def blocked(self) -> tuple[Step, ...]:
        """Those that cannot be drained."""
        return tuple(step for step in self.steps if not step.is_done)

    @property
    def peak_extra_nodes(self) -> int:
        """How many nodes there were at most beyond those at the beginning."""
        peak: int = self._document["summary"]["peakExtraNodes"]
        return peak

    @property
    def peak_missing(self) -> int:
        """How many pods were missing at most beyond those at the beginning."""
        peak: int = self._document["summary"]["peakMissing"]
        return peak


class Gpus(Told):
    """Where GPUs are free, and for whom: `to_dict()["pools"]`, `["items"]` by node, and `["freed"]` with the moves that free
    a block.
    """

    __slots__ = ()

    @property
    def largest(self) -> int:
        """The most that one pod can have."""
        return max((row["largest"] for row in self._document["items"]), default=0)

    @property
    def stranded(self) -> int:
        """How many are free and nobody can use."""
        return sum(row["stranded"] for row in self._document["items"])
