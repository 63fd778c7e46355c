"""What the answers to questions share: a versioned document, and that document for people."""

from __future__ import annotations

import copy
import json
from typing import Any


class Answer:
    """A document with its text and its HTML; nothing in it changes."""

    __slots__ = ("_document", "_html", "_text")

    def __init__(self, document: str, text: str, html: str) -> None:
        self._document: dict[str, Any] = json.loads(document)
        self._text = text
        self._html = html

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
        return self._text.rstrip("\n")

    def _repr_html_(self) -> str:
        return self._html

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.to_json(), self._text, self._html)
