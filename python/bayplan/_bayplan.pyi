"""The native part."""

import os
from collections.abc import Callable
from typing import Final, TypeAlias, final

__all__ = [
    "RESOURCES",
    "KUBERNETES_VERSIONS",
    "MAX_PODS",
    "Cluster",
    "Explanation",
    "Fit",
    "Input",
    "Placements",
    "Simulation",
    "__version__",
    "visible",
]

__version__: Final[str]
MAX_PODS: Final[int]
RESOURCES: Final[tuple[tuple[str, bool], ...]]
KUBERNETES_VERSIONS: Final[tuple[str, ...]]

#: What the event adds, node, nodes that are as good, victims, violations of budgets.
_Preempts: TypeAlias = tuple[str, str | None, int, list[str], int]
#: namespace, name, outcome, node, score, ties, feasible, message, rules that were not applied (rule, why), missing
#: objects, preemption.
_Row: TypeAlias = tuple[
    str, str, str, str | None, int, int, int, str, list[tuple[str, str]], list[str], _Preempts | None
]
#: node, score of each rule, their sum.
_Feasible: TypeAlias = tuple[str, list[tuple[str, int]], int | None]
#: node, rule, code, reasons, details, and each rule that rejects the node with its reasons.
_Rejected: TypeAlias = tuple[str, str, str, list[str], list[str], list[tuple[str, list[str]]]]
#: Called with how many are done, and of how many.
_Progress: TypeAlias = Callable[[int, int], object]

def visible(text: str) -> str: ...

@final
class Input:
    @staticmethod
    def from_path(
        path: str | os.PathLike[str],
        namespace: str | None = None,
        validate: str = "strict",
        objects: str = "by-uid",
    ) -> Input: ...
    @staticmethod
    def from_bytes(
        data: bytes,
        source: str,
        namespace: str | None = None,
        validate: str = "strict",
        objects: str = "by-uid",
    ) -> Input: ...
    @property
    def configurations(self) -> list[str]: ...
    @property
    def skipped(self) -> list[tuple[str, str, int]]: ...
    @property
    def source(self) -> str: ...
    @property
    def embedded(self) -> list[str]: ...
    @property
    def unknown_workloads(self) -> list[tuple[str, str, int]]: ...
    @property
    def warnings(self) -> list[str]: ...
    def __len__(self) -> int: ...

@final
class Cluster:
    def __new__(
        cls,
        inputs: list[Input],
        *,
        version: str,
        config: str | None = None,
        seed: int | None = None,
        overlay: str = "apply",
    ) -> Cluster: ...
    def fork(self) -> Cluster: ...
    def upsert(self, inputs: list[Input]) -> None: ...
    def delete(self, kind: str, namespace: str, name: str) -> bool: ...
    def place(
        self,
        workloads: list[Input] | None,
        *,
        include_pending: bool,
        max_pods: int,
        preemption: bool,
        progress: _Progress | None = None,
    ) -> Placements: ...
    def simulate(
        self,
        workloads: list[Input],
        *,
        jobs_finish: bool,
        cron_jobs: bool,
        provision: bool,
        seconds: int,
        max_pods: int,
        preemption: bool,
        progress: _Progress | None = None,
    ) -> Simulation: ...
    def fit(
        self,
        template: list[Input] | None,
        *,
        name: str | None = None,
        namespace: str | None = None,
        limit: int,
        preemption: bool,
        progress: _Progress | None = None,
    ) -> Fit: ...
    def why(self, pod: str, preemption: bool) -> Explanation: ...
    def preempt(self, pod: str, dry_run: bool) -> str: ...
    def to_bytes(self) -> bytes: ...
    @staticmethod
    def from_bytes(data: bytes) -> Cluster: ...
    def pods_on(self, node: str) -> list[str]: ...
    @property
    def nodes(self) -> list[str]: ...
    @property
    def pending(self) -> list[str]: ...
    @property
    def warnings(self) -> list[str]: ...
    @property
    def version(self) -> str: ...

@final
class Explanation:
    def json(self) -> str: ...
    def text(self) -> str: ...
    def html(self) -> str: ...
    def decision(self) -> _Row: ...
    def feasible(self) -> list[_Feasible]: ...
    def rejected(self) -> list[_Rejected]: ...
    @property
    def best(self) -> list[str]: ...
    @property
    def rejected_by(self) -> tuple[str, str] | None: ...

@final
class Fit:
    def json(self) -> str: ...
    def text(self) -> str: ...
    def html(self) -> str: ...

@final
class Placements:
    @staticmethod
    def from_json(text: str) -> Placements: ...
    def json(self) -> str: ...
    def text(self) -> str: ...
    def html(self) -> str: ...
    def row(self, index: int) -> _Row: ...
    def columns(self) -> dict[str, list[str | None] | bytes]: ...
    def summary(self) -> tuple[int, int, int, int, int]: ...
    @property
    def left_out(self) -> list[str]: ...
    @property
    def warnings(self) -> list[str]: ...
    @property
    def evictions(self) -> list[tuple[str, str, int, str, str | None]]: ...
    @property
    def cluster(self) -> Cluster | None: ...
    def __len__(self) -> int: ...

@final
class Simulation:
    def json(self) -> str: ...
    def text(self) -> str: ...
    def html(self) -> str: ...
    @property
    def cluster(self) -> Cluster: ...
