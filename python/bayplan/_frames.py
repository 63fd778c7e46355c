"""Columns as data frames. The libraries are the caller's to install."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas
    import polars

#: Texts as a list, numbers as the bytes of 64-bit integers.
Columns = Mapping[str, list[Any] | bytes]


def to_pandas(columns: Columns) -> pandas.DataFrame:
    """A pandas frame."""
    return _need("pandas").DataFrame(_arrays(columns))  # type: ignore[no-any-return]


def to_polars(columns: Columns, *, texts: Iterable[str]) -> polars.DataFrame:
    """A polars frame; `texts` are the columns of text, which may be all empty."""
    library = _need("polars")
    types = dict.fromkeys(texts, library.String)
    return library.DataFrame(_arrays(columns), schema_overrides=types)  # type: ignore[no-any-return]


def arrow_stream(columns: Columns, requested_schema: object = None) -> object:
    """The columns as an Arrow C stream."""
    pyarrow = _need("pyarrow")
    return pyarrow.table(_arrays(columns)).__arrow_c_stream__(requested_schema)


def _arrays(columns: Columns) -> dict[str, Any]:
    numpy = _need("numpy")
    return {
        name: numpy.frombuffer(column, dtype=numpy.int64) if isinstance(column, bytes) else column
        for name, column in columns.items()
    }


def _need(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(f"this needs {name}: pip install {name}") from error
