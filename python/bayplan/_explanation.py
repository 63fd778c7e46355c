"""Why a pod goes where it goes, or nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from bayplan import _bayplan, _frames
from bayplan._answer import Answer
from bayplan._errors import NotFoundError
from bayplan._placements import NotApplied, Placement, Preemption
from bayplan._rows import Rows
from bayplan.picture import data

if TYPE_CHECKING:
    import pandas
    import polars


class Rejection(NamedTuple):
    """A rule that rejects a node, and its reasons."""

    rule: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of one node."""

    node: str
    feasible: bool
    #: The rule that rejects the node first; none where the node is feasible.
    rule: str | None
    #: `Unschedulable`, or `UnschedulableAndUnresolvable` where no preemption can help.
    code: str | None
    #: That rule's reasons, which the message counts.
    reasons: tuple[str, ...]
    #: The numbers and names behind those reasons.
    details: tuple[str, ...]
    #: Every rule that rejects the node.
    all: tuple[Rejection, ...]
    #: The weighted score of each rule; empty where one node alone is feasible, as scoring is then skipped.
    scores: Mapping[str, int]
    #: Their sum.
    total: int | None


class NodeVerdict(Rows):
    """What was found of one node for a pod."""

    __slots__ = ("pod", "verdict")

    def __init__(self, pod: str, verdict: Verdict) -> None:
        self.pod = pod
        self.verdict = verdict

    def to_dict(self) -> dict[str, Any]:
        """The versioned document."""
        verdict = self.verdict
        return {
            "apiVersion": "bayplan/v1",
            "kind": "NodeVerdict",
            "pod": self.pod,
            "node": verdict.node,
            "feasible": verdict.feasible,
            "rule": verdict.rule,
            "code": verdict.code,
            "details": list(verdict.details),
            "all": [{"rule": one.rule, "reasons": list(one.reasons)} for one in verdict.all],
            "scores": dict(verdict.scores),
            "total": verdict.total,
        }

    def _table(self, wide: bool) -> tuple[list[str], list[list[str]]]:
        verdict = self.verdict
        if verdict.feasible:
            return ["RULE", "SCORE"], [[rule, str(score)] for rule, score in verdict.scores.items()]
        rows = [[one.rule, "; ".join(one.reasons)] for one in verdict.all] or [
            [verdict.rule or "", "; ".join(verdict.reasons)]
        ]
        return ["REJECTED BY", "REASONS"], rows

    def _lines(self) -> list[str]:
        verdict = self.verdict
        if verdict.feasible:
            total = "" if verdict.total is None else f", with a score of {verdict.total}"
            return [f"Node {verdict.node} will do for {self.pod}{total}."]
        behind = f" Behind the first: {'; '.join(verdict.details)}." if verdict.details else ""
        return [f"Node {verdict.node} will not do for {self.pod}.{behind}"]


class Explanation(Answer):
    """The exact message, a verdict per node and the score breakdown of one decision."""

    __slots__ = ()

    def _drawing(self) -> dict[str, Any]:
        drawn = data.why(self._document)
        return {"why": drawn} if drawn else {}

    def _wide_html(self) -> str:
        return f"{self._native.html()}<details><summary>each node</summary>{self._native.html(True)}</details>"

    @cached_property
    def placement(self) -> Placement:
        """The decision itself."""
        if isinstance(self._native, _bayplan.Explanation):
            return Placement._of_row(self._native.decision())
        return Placement._of_json(self._document["decision"])

    @property
    def pod(self) -> str:
        """`namespace/name`."""
        return self.placement.pod

    @property
    def outcome(self) -> str:
        """How it ended; see `Placement.outcome`."""
        return self.placement.outcome

    @property
    def node(self) -> str | None:
        """The node, where there is one."""
        return self.placement.node

    @property
    def message(self) -> str:
        """Why it is not placed, word for word as kube-scheduler says it; empty where it is."""
        return self.placement.message

    @property
    def preemption(self) -> Preemption | None:
        """What preemption makes of a pod that fits nowhere; none where nothing was asked of it."""
        return self.placement.preemption

    @property
    def not_applied(self) -> tuple[NotApplied, ...]:
        """Rules that concern the pod and were not applied."""
        return self.placement.not_applied

    @property
    def missing(self) -> tuple[str, ...]:
        """Objects that are not in the input and a rule needed."""
        return self.placement.missing

    @property
    def best(self) -> tuple[str, ...]:
        """The nodes that share the highest score, in node order."""
        if isinstance(self._native, _bayplan.Explanation):
            return tuple(self._native.best)
        return tuple(self._document["best"])

    @property
    def rejected_by(self) -> tuple[str, str] | None:
        """The rule that rejects the pod before any node is looked at, and its reason."""
        if isinstance(self._native, _bayplan.Explanation):
            return self._native.rejected_by
        before = self._document["preFilter"]
        return (before["rule"], before["reason"]) if before else None

    @cached_property
    def verdicts(self) -> Mapping[str, Verdict]:
        """By node: the feasible ones in node order, then the rejected ones by name."""
        if isinstance(self._native, _bayplan.Explanation):
            feasible, rejected = self._native.feasible(), self._native.rejected()
        else:
            feasible, rejected = _of_document(self._document)
        verdicts = {}
        for node, scores, total in feasible:
            verdicts[node] = Verdict(node, True, None, None, (), (), (), MappingProxyType(dict(scores)), total)
        none: Mapping[str, int] = MappingProxyType({})
        for node, rule, code, reasons, details, every in rejected:
            rejections = tuple(Rejection(other, tuple(why)) for other, why in every)
            verdicts[node] = Verdict(node, False, rule, code, tuple(reasons), tuple(details), rejections, none, None)
        return MappingProxyType(verdicts)

    def at(self, node: str) -> NodeVerdict:
        """What was found of one node."""
        verdict = self.verdicts.get(node)
        if verdict is None:
            raise NotFoundError(f"node {node} is not among those that were looked at")
        return NodeVerdict(self.pod, verdict)

    def to_pandas(self) -> pandas.DataFrame:
        """A row per node; a column per rule that scores."""
        return _frames.to_pandas(self._columns())

    def to_polars(self) -> polars.DataFrame:
        """A row per node; a column per rule that scores."""
        return _frames.to_polars(self._columns(), texts=["node", "rule", "code", "reasons", "details"])

    def _columns(self) -> dict[str, list[Any] | bytes]:
        verdicts = list(self.verdicts.values())
        rules = next((list(verdict.scores) for verdict in verdicts if verdict.scores), [])
        columns: dict[str, list[Any] | bytes] = {
            "node": [verdict.node for verdict in verdicts],
            "feasible": [verdict.feasible for verdict in verdicts],
            "rule": [verdict.rule for verdict in verdicts],
            "code": [verdict.code for verdict in verdicts],
            "reasons": ["; ".join(verdict.reasons) for verdict in verdicts],
            "details": ["; ".join(verdict.details) for verdict in verdicts],
        }
        for rule in rules:
            columns[rule] = [verdict.scores.get(rule) for verdict in verdicts]
        columns["total"] = [verdict.total for verdict in verdicts]
        return columns


def _of_document(document: dict[str, Any]) -> tuple[list[_bayplan._Feasible], list[_bayplan._Rejected]]:
    """The nodes of an explanation that was pickled, as the native part has them."""
    scores, totals = document["scores"], document["totals"]
    feasible = [(node, list(scores.get(node, {}).items()), totals.get(node)) for node in document["feasible"]]
    rejected = [
        (
            node,
            found["rule"],
            found["code"],
            found["reasons"],
            found["details"],
            [(rule["rule"], rule["reasons"]) for rule in found["all"]],
        )
        for node, found in document["rejected"].items()
    ]
    return feasible, rejected
