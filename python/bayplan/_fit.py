"""How many more replicas fit."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from bayplan import _frames
from bayplan._answer import Answer
from bayplan._placements import Eviction, NotApplied, Placement

if TYPE_CHECKING:
    import pandas
    import polars


class Fit(Answer):
    """How many more replicas of a template fit, where, and what stops the next."""

    __slots__ = ()

    @property
    def replicas(self) -> int:
        """How many were placed."""
        count: int = self._document["replicas"]
        return count

    @property
    def limit_reached(self) -> bool:
        """Did the limit end it, so that more may fit?"""
        reached: bool = self._document["limitReached"]
        return reached

    @property
    def by_node(self) -> Mapping[str, int]:
        """How many went to each node that got some, in node order."""
        return MappingProxyType({entry["node"]: entry["replicas"] for entry in self._document["byNode"]})

    @property
    def evictions(self) -> tuple[Eviction, ...]:
        """The pods that were evicted for the replicas: none unless these may preempt."""
        rows = self._document["evictions"]
        return tuple(Eviction(e["pod"], e["node"], e["priority"], e["by"], e["replacedBy"]) for e in rows)

    @property
    def next(self) -> Placement | None:
        """The decision for the first replica that did not fit; none where the limit was reached."""
        stopped = self._document["stoppedBy"]
        return Placement._of_json(stopped) if stopped else None

    @property
    def refused(self) -> str:
        """What a server says that refuses the next, as where a quota is exhausted; empty where none does."""
        said: str | None = self._document["refused"]
        return said or ""

    @property
    def stopped_by(self) -> str:
        """Why the next does not fit, word for word as kube-scheduler says it."""
        return self.next.message if self.next else ""

    @property
    def reasons(self) -> Mapping[str, int]:
        """Each reason for which the next does not fit, and on how many nodes; the most frequent first."""
        return MappingProxyType({entry["reason"]: entry["nodes"] for entry in self._document["reasons"]})

    @property
    def not_applied(self) -> tuple[NotApplied, ...]:
        """Rules that concern the pods and were not applied."""
        return tuple(NotApplied(rule["rule"], rule["why"]) for rule in self._document["notApplied"])

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be known of the input."""
        return tuple(self._document["warnings"])

    @property
    def left_out(self) -> tuple[str, ...]:
        """Pods that the cluster would have first and that found no room, so that the number may be another; and what
        refuses the template."""
        return tuple(self._document["leftOut"])

    def to_pandas(self) -> pandas.DataFrame:
        """A row per node that got some."""
        return _frames.to_pandas(self._columns())

    def to_polars(self) -> polars.DataFrame:
        """A row per node that got some."""
        return _frames.to_polars(self._columns(), texts=["node"])

    def _columns(self) -> dict[str, list[str] | bytes | list[int]]:
        return {"node": list(self.by_node), "replicas": list(self.by_node.values())}
