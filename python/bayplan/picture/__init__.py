"""Pictures: an answer as one HTML file that needs no network, for a browser and for notebooks."""

from __future__ import annotations

import html
import json
import os
from importlib.resources import files
from pathlib import Path
from typing import Any

#: Nothing of the page may come from elsewhere, whatever a name in it says.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


class Picture:
    """A page; a notebook shows it as it is."""

    __slots__ = ("_height", "_page")

    def __init__(self, page: str, *, height: int = 720) -> None:
        self._page = page
        self._height = height

    def to_html(self) -> str:
        """The whole page."""
        return self._page

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the page; where to."""
        file = Path(path)
        file.write_text(self._page, encoding="utf-8")
        return file

    def _repr_html_(self) -> str:
        # In a frame of its own: neither its styles nor its script meet those of the notebook.
        page = html.escape(self._page, quote=True)
        style = f"width:100%;height:{self._height}px;border:0"
        return f'<iframe srcdoc="{page}" sandbox="allow-scripts" style="{style}"></iframe>'

    def __repr__(self) -> str:
        return f"<picture of {len(self._page)} bytes: .save('picture.html'), or show it in a notebook>"


class Drawn:
    """What can be drawn."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        raise NotImplementedError

    def _wide_html(self) -> str:
        return self._repr_html_()

    def _drawing(self) -> dict[str, Any]:
        """The data of the pictures, by their names."""
        return {}

    def to_html(self) -> str:
        """The answer as one HTML file: its pictures, and its tables under them. It needs no network."""
        return page_of(type(self).__name__, self._wide_html(), self._drawing())

    def plot(self) -> Picture:
        """The same for a notebook."""
        return Picture(self.to_html())


def page_of(title: str, answer: str, drawing: dict[str, Any]) -> str:
    """A page of pictures and an answer."""
    # Within a script nothing may end it.
    data = json.dumps(drawing, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>bayplan: {html.escape(title)}</title><style>{_part('page.css')}</style></head>"
        f'<body><h1>{html.escape(title)}</h1><div id="pictures"></div><section class="answer">{answer}</section>'
        f'<script type="application/json" id="data">{data}</script><script>{_part("page.js")}</script></body></html>\n'
    )


def _part(name: str) -> str:
    return files("bayplan.picture").joinpath(name).read_text(encoding="utf-8")
