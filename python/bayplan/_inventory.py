"""What a cluster has, as records and frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, overload

from bayplan import _bayplan, _frames
from bayplan._errors import NotFoundError
from bayplan.picture import Drawn

if TYPE_CHECKING:
    import pandas
    import polars


class Amount(NamedTuple):
    """What nodes give to pods of a resource, and what pods ask of it: cores, bytes, pieces."""

    allocatable: float
    requested: float

    @property
    def free(self) -> float:
        """What is left."""
        return self.allocatable - self.requested


class Node(NamedTuple):
    """A node."""

    name: str
    zone: str | None
    instance_type: str | None
    #: How many pods are on it.
    pods: int
    ready: bool
    cordoned: bool
    #: `key=value:Effect`
    taints: tuple[str, ...]
    labels: Mapping[str, str]
    resources: Mapping[str, Amount]

    @classmethod
    def _of_json(cls, row: dict[str, Any]) -> Node:
        amounts = {name: Amount(of["allocatable"], of["requested"]) for name, of in row["resources"].items()}
        taints = tuple(row["taints"])
        parts = (row["name"], row["zone"], row["instanceType"], row["pods"], row["ready"], row["cordoned"])
        return cls(*parts, taints, row["labels"], amounts)

    def _columns(self) -> dict[str, Any]:
        row: dict[str, Any] = {
            "name": self.name,
            "zone": self.zone,
            "instance_type": self.instance_type,
            "pods": self.pods,
            "ready": self.ready,
            "cordoned": self.cordoned,
        }
        for resource in ("cpu", "memory"):
            amount = self.resources.get(resource, Amount(0, 0))
            row |= {
                f"{resource}_allocatable": amount.allocatable,
                f"{resource}_requested": amount.requested,
                f"{resource}_free": amount.free,
            }
        return row


class Pod(NamedTuple):
    """A pod that has not ended."""

    namespace: str
    name: str
    #: None where it waits for one.
    node: str | None
    #: What it belongs to in the end: `Deployment/web`.
    workload: str
    priority: int
    #: What it asks for, in cores.
    cpu: float
    #: The same in bytes.
    memory: int

    @classmethod
    def _of_json(cls, row: dict[str, Any]) -> Pod:
        return cls(*(row[field] for field in cls._fields))

    def _columns(self) -> dict[str, Any]:
        return self._asdict()


class WorkloadInfo(NamedTuple):
    """A workload that nobody controls, or a pod of none."""

    namespace: str
    name: str
    kind: str
    #: How many pods it asks for.
    wanted: int
    #: How many are on nodes.
    ready: int
    #: How many wait for one.
    pending: int
    priority: int
    #: What all of its pods ask for, in cores.
    cpu: float
    #: The same in bytes.
    memory: int

    @classmethod
    def _of_json(cls, row: dict[str, Any]) -> WorkloadInfo:
        return cls(*(row[field] for field in cls._fields))

    def _columns(self) -> dict[str, Any]:
        return self._asdict()


#: Rows of a table in a notebook.
MOST_ROWS = 200

T = TypeVar("T", Node, Pod, WorkloadInfo)


class Records(Drawn, Sequence[T], Generic[T]):
    """Records in order; also a frame, and a table."""

    __slots__ = ("_items",)

    _items: tuple[T, ...]

    def __init__(self, items: Sequence[T]) -> None:
        self._items = tuple(items)

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(item.name for item in self._items)

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int | str) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice | str) -> T | tuple[T, ...]:
        if not isinstance(index, str):
            return self._items[index]
        names = (index, index.partition("/")[2])
        for item in self._items:
            namespace = getattr(item, "namespace", "")
            if item.name in names and (item.name == index or f"{namespace}/{item.name}" == index):
                return item
        raise NotFoundError(f"there is no {index}")

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __contains__(self, item: object) -> bool:
        """A record, or the name of one."""
        return item in self._items or (isinstance(item, str) and item in self.names)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, tuple):
            return other in (self._items, self.names)
        return isinstance(other, Records) and self._items == other._items

    def __hash__(self) -> int:
        return hash(self.names)

    def __repr__(self) -> str:
        return f"<{len(self)} records: {', '.join(self.names[:5])}{', …' if len(self) > 5 else ''}>"

    def _repr_html_(self) -> str:
        rows = [item._columns() for item in self._items[:MOST_ROWS]]
        header = [name.replace("_", " ").upper() for name in (rows[0] if rows else {})]
        cells = [[_cell(name, value) for name, value in row.items()] for row in rows]
        more = len(self) - len(rows)
        lines = [f"… and {more} more; to_pandas() has all"] if more else []
        return _bayplan.table_html(header, cells, lines if self else ["none"])

    def to_pandas(self) -> pandas.DataFrame:
        """A row a record."""
        return _frames.to_pandas(self._columns())

    def to_polars(self) -> polars.DataFrame:
        """A row a record."""
        columns = self._columns()
        texts = [
            name
            for name in ("name", "zone", "instance_type", "namespace", "node", "workload", "kind")
            if name in columns
        ]
        return _frames.to_polars(columns, texts=texts)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """For whatever takes Arrow tables: pyarrow, polars, duckdb."""
        return _frames.arrow_stream(self._columns(), requested_schema)

    def _columns(self) -> dict[str, list[Any]]:
        rows = [item._columns() for item in self._items]
        return {name: [row[name] for row in rows] for name in (rows[0] if rows else {})}


def _cell(column: str, value: Any) -> str:
    """A value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column.startswith("memory"):
        scale, unit = (2**30, "Gi") if abs(value) >= 2**30 or not value else (2**20, "Mi")
        return f"{value / scale:.2f}".rstrip("0").rstrip(".") + unit
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
