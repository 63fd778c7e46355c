"""The native part."""

import os
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias, final

__all__ = [
    "CHANGES",
    "KUBERNETES_VERSIONS",
    "MAX_PODS",
    "RESOURCES",
    "Answer",
    "Base",
    "Cluster",
    "Explanation",
    "Fit",
    "Input",
    "Placements",
    "__version__",
    "base",
    "change",
    "change_of_option",
    "diff",
    "fail",
    "fit_bundle",
    "get",
    "gpus",
    "inventory",
    "nodes",
    "preempt_preview",
    "scenarios",
    "shrink",
    "size",
    "table",
    "table_csv",
    "table_html",
    "table_markdown",
    "upgrade",
    "visible",
    "what_if",
]

__version__: Final[str]
MAX_PODS: Final[int]
#: Option of the command, field of documents, what stands behind it, help.
CHANGES: Final[tuple[tuple[str, str, str, str], ...]]
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
    def text(self, width: int | None = None, wide: bool = False) -> str: ...
    def html(self, wide: bool = False) -> str: ...
    def markdown(self, wide: bool = False) -> str: ...
    def csv(self) -> str: ...
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
    def text(self, width: int | None = None, wide: bool = False) -> str: ...
    def html(self, wide: bool = False) -> str: ...
    def markdown(self, wide: bool = False) -> str: ...
    def csv(self) -> str: ...

@final
class Placements:
    @staticmethod
    def from_json(text: str) -> Placements: ...
    def json(self) -> str: ...
    def text(self, width: int | None = None, wide: bool = False) -> str: ...
    def html(self, wide: bool = False) -> str: ...
    def markdown(self, wide: bool = False) -> str: ...
    def csv(self) -> str: ...
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
class Answer:
    def json(self) -> str: ...
    def text(self, width: int | None = None, wide: bool = False) -> str: ...
    def html(self, wide: bool = False) -> str: ...
    def markdown(self, wide: bool = False) -> str: ...
    def csv(self) -> str: ...
    @property
    def cluster(self) -> Cluster | None: ...

@final
class Base:
    def play(self, scenario: str) -> str: ...

def change_of_option(name: str, text: str, namespace: str | None = None) -> str: ...
def change(change: str) -> tuple[str, str]: ...
def scenarios(document: str, path: str | None = None) -> list[str]: ...
def what_if(
    cluster: Cluster, changes: list[str], play: Mapping[str, int], question: str, progress: _Progress | None = None
) -> Answer: ...
def fail(
    cluster: Cluster,
    by: str,
    changes: list[str],
    play: Mapping[str, int],
    pairs: bool,
    threads: int,
    progress: _Progress | None = None,
) -> Answer: ...
def shrink(
    cluster: Cluster,
    changes: list[str],
    play: Mapping[str, int],
    nodes: str | None,
    prices: Mapping[str, float],
    most: int,
    delete_empty_dir_data: bool,
    progress: _Progress | None = None,
) -> Answer: ...
def size(
    cluster: Cluster,
    changes: list[str],
    play: Mapping[str, int],
    catalogue: str,
    zones: list[str],
    arch: list[str],
    survive: str | None,
    keep_nodes: bool,
    labels: Mapping[str, str],
    effort: int,
    progress: _Progress | None = None,
) -> Answer: ...
def base(cluster: Cluster, play: Mapping[str, int], progress: _Progress | None = None) -> Base: ...
def nodes(cluster: Cluster, by: str | None = None) -> Answer: ...
def inventory(cluster: Cluster) -> str: ...
def get(cluster: Cluster, name: str, namespace: str | None = None) -> str: ...
def fit_bundle(
    cluster: Cluster,
    inputs: list[Input],
    names: list[tuple[str, int]],
    together: str,
    namespace: str | None,
    limit: int,
    preemption: bool,
    progress: _Progress | None = None,
) -> Answer: ...
def table(header: list[str], rows: list[list[str]], lines: list[str], width: int | None = None) -> str: ...
def table_csv(header: list[str], rows: list[list[str]]) -> str: ...
def table_markdown(header: list[str], rows: list[list[str]], lines: list[str]) -> str: ...
def table_html(header: list[str], rows: list[list[str]], lines: list[str]) -> str: ...
def diff(cluster: Cluster, other: Cluster, play: Mapping[str, int], progress: _Progress | None = None) -> Answer: ...
def upgrade(
    cluster: Cluster,
    play: Mapping[str, int],
    nodes: str | None,
    surge: int,
    delete_empty_dir_data: bool,
    force: bool,
    timeout: int,
    progress: _Progress | None = None,
) -> Answer: ...
def preempt_preview(cluster: Cluster, pod: str) -> Answer: ...
def gpus(
    cluster: Cluster,
    play: Mapping[str, int],
    resources: list[str],
    pool: str | None,
    cpu: str | None,
    memory: str | None,
    progress: _Progress | None = None,
) -> Answer: ...
