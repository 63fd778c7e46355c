"""What to buy: the cheapest mix of node shapes for a load, and a lower bound that no mix beats."""

from __future__ import annotations

import csv
import fnmatch
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from bayplan._errors import FileError, InputError
from bayplan._whatif import Told
from bayplan.picture import data

if TYPE_CHECKING:
    from bayplan._answer import Rendered
    from bayplan._cluster import Cluster

#: A file (CSV, JSON or YAML), rows, or a frame with the columns of a catalogue.
Catalogue = str | os.PathLike[str] | Iterable[Mapping[str, Any]] | Any


class Bought(NamedTuple):
    """Nodes of one shape in one zone."""

    shape: str
    zone: str | None
    #: How many.
    nodes: int
    #: What one costs.
    price: float


class Priced(NamedTuple):
    """Nodes, and what they cost together."""

    price: float
    #: By which part that is more than the bound.
    gap: float | None
    bought: tuple[Bought, ...]

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return sum(bought.nodes for bought in self.bought)


class Size(Told):
    """The cheapest nodes for a load."""

    __slots__ = ("_after",)

    def __init__(self, native: Rendered, after: Cluster | None = None) -> None:
        super().__init__(native)
        self._after = after

    def _drawing(self) -> dict[str, Any]:
        return data.of_cluster(self._after, title="The cluster with these nodes") if self._after is not None else {}

    @property
    def bound(self) -> float:
        """No mix that carries the pods costs less."""
        bound: float = self._document["bound"]
        return bound

    @property
    def scheduled(self) -> Priced | None:
        """The cheapest mix found on which the scheduler places every pod: with the first of equal nodes, and with three draws."""
        return self._priced("scheduled")

    @property
    def packed(self) -> Priced | None:
        """The cheapest mix found whose nodes can be packed with all pods; none where a failure is to be survived."""
        return self._priced("packed")

    @property
    def single(self) -> Priced | None:
        """The cheapest of one shape alone, as scheduled."""
        return self._priced("single")

    @property
    def gap(self) -> float | None:
        """By which part the mix costs more than the bound."""
        return None if self.scheduled is None else self.scheduled.gap

    @property
    def impossible(self) -> dict[str, str]:
        """Pods that nothing of the catalogue carries, and why."""
        return {row["pod"]: row["why"] for row in self._document["impossible"]}

    @property
    def cluster(self) -> Cluster:
        """The cluster with these nodes, its pods on them."""
        if self._after is None:
            raise AttributeError("an answer that was pickled has left its cluster behind")
        return self._after

    def _priced(self, name: str) -> Priced | None:
        row = self._document[name]
        if row is None:
            return None
        bought = (Bought(item["shape"], item["zone"], item["count"], item["price"]) for item in row["items"])
        return Priced(row["price"], row["gap"], tuple(bought))


def catalogue_of(source: Any, only: Iterable[str] = ()) -> str:
    """A catalogue as JSON; only shapes of these names, as in `m7i.*`."""
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise FileError.of_problem(error.strerror or str(error), source=str(path)) from error
        except UnicodeDecodeError as error:
            raise InputError.of_problem(f"it is no text: {error}", source=str(path)) from error
        rows = _read(text, path)
    elif isinstance(source, Mapping):
        rows = dict(source)
    elif hasattr(source, "to_dicts"):
        rows = source.to_dicts()
    elif hasattr(source, "to_dict") and hasattr(source, "columns"):
        rows = source.astype(object).where(source.notna(), None).to_dict("records")
    else:
        try:
            rows = [dict(row) for row in source]
        except (TypeError, ValueError) as error:
            hint = "give a file, rows with name, price, cpu and memory, or a frame with such columns"
            raise InputError.of_problem("this is no catalogue", hint=hint) from error
    forms = list(only)
    if forms:
        listed = rows.get("shapes", rows) if isinstance(rows, dict) else rows
        named = [row for row in listed if any(fnmatch.fnmatchcase(str(row.get("name")), form) for form in forms)]
        if not named:
            raise InputError.of_problem(f"no shape is called {' or '.join(forms)}", field="shapes")
        rows = named
    try:
        return json.dumps(rows, default=str, allow_nan=False)
    except ValueError as error:
        raise InputError.of_problem("a number of the catalogue is none (NaN)") from error


def _read(text: str, path: Path) -> Any:
    try:
        if path.suffix == ".json":
            return json.loads(text)
        if path.suffix in (".yaml", ".yml"):
            return yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as error:
        raise InputError.of_problem(f"it cannot be read: {error}", source=str(path)) from error
    rows = list(csv.DictReader(text.splitlines()))
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            hint = "every row has a cell for each column of the first; quote cells that have commas"
            raise InputError.of_problem(f"line {number} has another number of cells", source=str(path), hint=hint)
    return rows
