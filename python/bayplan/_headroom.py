"""How often a set of workloads still fits, and what it costs to keep room for so many sets."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from bayplan._whatif import FitSeveral

if TYPE_CHECKING:
    from bayplan._answer import Rendered
    from bayplan._size import Size


class Headroom(FitSeveral):
    """How often a set fits; where a catalogue was given also what has to be bought for more."""

    __slots__ = ("_keep", "_sets")

    def __init__(self, native: Rendered, sets: int | None = None, keep: Size | None = None) -> None:
        super().__init__(native)
        self._sets = sets
        self._keep = keep

    @property
    def sets(self) -> int | None:
        """For how many sets room is to be kept."""
        return self._sets

    @property
    def keep(self) -> Size | None:
        """What to buy for that; none where the room is there."""
        return self._keep

    @cached_property
    def _document(self) -> dict[str, Any]:
        document = dict(super()._document)
        if self._sets is not None:
            document |= {"sets": self._sets, "keep": None if self._keep is None else self._keep.to_dict()}
        return document

    def _says(self) -> str:
        if self._sets is None:
            return ""
        of = "1 set" if self._sets == 1 else f"{self._sets} sets"
        if self._keep is None:
            return f"Room for {of} is there: nothing has to be bought."
        if self._keep.scheduled is None:
            return f"Nothing that can be bought makes room for {of}."
        return (
            f"To keep room for {of}, and for the pods that wait already, "
            f"{self._keep.scheduled.nodes} more nodes are bought for {self._keep.scheduled.price:g}:"
        )

    def to_text(self, width: int | None = None, *, wide: bool = False) -> str:
        """The answer for a terminal of so many columns."""
        parts = [super().to_text(width, wide=wide), self._says()]
        if self._keep is not None:
            parts.append(self._keep.to_text(width, wide=wide))
        return "\n".join(part.rstrip("\n") + "\n" for part in parts if part)

    def to_markdown(self, *, wide: bool = False) -> str:
        """The answer for a comment on a pull request."""
        parts = [super().to_markdown(wide=wide), self._says()]
        if self._keep is not None:
            parts.append(self._keep.to_markdown(wide=wide))
        return "\n".join(part.rstrip("\n") + "\n" for part in parts if part)

    def _repr_html_(self) -> str:
        keep = "" if self._keep is None else self._keep._repr_html_()
        return f"{super()._repr_html_()}<p>{self._says()}</p>{keep}"

    def _wide_html(self) -> str:
        keep = "" if self._keep is None else self._keep._wide_html()
        return f"{super()._wide_html()}<p>{self._says()}</p>{keep}"

    def __repr__(self) -> str:
        return self.to_text().rstrip("\n")

    def __reduce__(self) -> tuple[Any, ...]:
        make, (_, *forms) = super().__reduce__()
        return _unpickle, (make, tuple(forms), self._sets, self._keep)


def _unpickle(make: Any, forms: tuple[str, ...], sets: int | None, keep: Size | None) -> Headroom:
    return Headroom(make(FitSeveral, *forms)._native, sets, keep)
