"""Answers that are made here: rows, in all forms."""

from __future__ import annotations

from typing import Any

from bayplan import _bayplan
from bayplan.picture import Drawn


class Rows(Drawn):
    """An answer with one table, and lines under it."""

    __slots__ = ()

    def _table(self, wide: bool) -> tuple[list[str], list[list[str]]]:
        raise NotImplementedError

    def _lines(self) -> list[str]:
        return []

    def to_dict(self) -> dict[str, Any]:
        """The versioned document."""
        raise NotImplementedError

    def to_text(self, width: int | None = None, *, wide: bool = False) -> str:
        """The answer for a terminal of so many columns; `wide` has all rows."""
        return _bayplan.table(*self._table(wide), self._lines(), width)

    def to_csv(self) -> str:
        """The rows."""
        return _bayplan.table_csv(*self._table(True))

    def to_markdown(self, *, wide: bool = False) -> str:
        """The answer for a comment on a pull request."""
        return _bayplan.table_markdown(*self._table(wide), self._lines())

    def _repr_html_(self) -> str:
        return _bayplan.table_html(*self._table(False), self._lines())

    def __repr__(self) -> str:
        return self.to_text().rstrip("\n")
