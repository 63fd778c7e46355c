"""Arguments that are checked before the native part sees them, so that the error can say what is legal."""

from __future__ import annotations

import operator
from typing import Any

from bayplan._errors import InputError


def whole(argument: str, value: Any, most: int) -> int:
    """A whole number from 0 to `most`."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{argument} is a whole number, not a {type(value).__name__}") from None
    if 0 <= number <= most:
        return number
    # Python does not print numbers of any length.
    shown = str(number) if number.bit_length() < 256 else "so large a number"
    raise InputError.of_problem(f"{shown} is not legal", field=argument, hint=f"legal is 0 to {most}")


def text(argument: str, value: Any, example: str) -> str:
    """A text; the example shows what it looks like."""
    if isinstance(value, str):
        return value
    raise TypeError(f'{argument} is a text, as "{example}", not a {type(value).__name__}')
