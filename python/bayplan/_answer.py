"""What the answers to questions share: a versioned document, and that document for people."""

from __future__ import annotations

import copy
import json
from functools import cached_property
from typing import Any, Protocol

from bayplan.picture import Drawn, data


class Rendered(Protocol):
    """Whatever an answer is rendered from."""

    def json(self) -> str: ...
    def text(self, width: int | None = None, wide: bool = False) -> str: ...
    def html(self, wide: bool = False) -> str: ...
    def markdown(self, wide: bool = False) -> str: ...
    def csv(self) -> str: ...


class Kept:
    """An answer that was pickled: what it was rendered to."""

    def __init__(
        self, document: str, text: str, html: str, markdown: str = "", csv: str = "", wide_html: str = ""
    ) -> None:
        self._all = (document, text, html, markdown, csv, wide_html or html)

    def json(self) -> str:
        """The document."""
        return self._all[0]

    def text(self, width: int | None = None, wide: bool = False) -> str:
        """The document for a terminal, as wide as it was."""
        return self._all[1]

    def html(self, wide: bool = False) -> str:
        """The document for a notebook."""
        return self._all[5 if wide else 2]

    def markdown(self, wide: bool = False) -> str:
        """The document for a comment."""
        return self._all[3]

    def csv(self) -> str:
        """The rows."""
        return self._all[4]


class Answer(Drawn):
    """A document with its text and its HTML, each rendered when it is asked for; nothing in it changes."""

    __slots__ = ("__dict__", "_native")

    def __init__(self, native: Rendered) -> None:
        self._native = native

    @cached_property
    def _document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self._native.json())
        return document

    def to_dict(self) -> dict[str, Any]:
        """The versioned document (`apiVersion: bayplan/v1`) that the command prints."""
        return copy.deepcopy(self._document)

    def to_json(self) -> str:
        """The same as JSON."""
        return json.dumps(self._document, ensure_ascii=False)

    def to_text(self, width: int | None = None, *, wide: bool = False) -> str:
        """The answer for a terminal of so many columns; `wide` has all rows."""
        return self._native.text(width, wide)

    def to_markdown(self, *, wide: bool = False) -> str:
        """The answer for a comment on a pull request."""
        return self._native.markdown(wide)

    def to_csv(self) -> str:
        """The rows of the answer's first table."""
        return self._native.csv()

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, Answer) and self._document == other._document

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __repr__(self) -> str:
        return self._native.text().rstrip("\n")

    def _repr_html_(self) -> str:
        return self._native.html()

    def _wide_html(self) -> str:
        return self._native.html(True)

    def _drawing(self) -> dict[str, Any]:
        before, after = self._document.get("before"), self._document.get("after")
        bars = data.bars(before, after) if before and after else []
        return {"bars": bars} if bars else {}

    def __reduce__(self) -> tuple[Any, ...]:
        native = self._native
        forms = native.json(), native.text(), native.html(), native.markdown(), native.csv(), native.html(True)
        return _unpickle, (type(self), *forms)


def _unpickle(kind: type[Answer], *forms: str) -> Answer:
    return kind(Kept(*forms))
