"""What the answers to questions share: a versioned document, and that document for people."""

from __future__ import annotations

import copy
import json
from functools import cached_property
from typing import Any, Protocol


class Rendered(Protocol):
    """Whatever an answer is rendered from."""

    def json(self) -> str: ...
    def text(self) -> str: ...
    def html(self) -> str: ...


class Kept:
    """An answer that was pickled: what it was rendered to."""

    def __init__(self, document: str, text: str, html: str) -> None:
        self._all = (document, text, html)

    def json(self) -> str:
        """The document."""
        return self._all[0]

    def text(self) -> str:
        """The document for a terminal."""
        return self._all[1]

    def html(self) -> str:
        """The document for a notebook."""
        return self._all[2]


class Answer:
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

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, Answer) and self._document == other._document

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __repr__(self) -> str:
        return self._native.text().rstrip("\n")

    def _repr_html_(self) -> str:
        return self._native.html()

    def __reduce__(self) -> tuple[Any, ...]:
        native = self._native
        return _unpickle, (type(self), native.json(), native.text(), native.html())


def _unpickle(kind: type[Answer], document: str, text: str, html: str) -> Answer:
    return kind(Kept(document, text, html))
