"""Errors, each of which names the input, the object, the field and what is legal."""

from __future__ import annotations

from typing import Any, Self

from bayplan._bayplan import visible

Parts = tuple[str, str, str, str, str]


class Error(Exception):
    """Any error of bayplan; `str()` gives the whole sentence."""

    #: The file, or `stdin`; empty where there is none.
    source: str = ""
    #: The object, as `Pod default/web`; empty where there is none.
    object: str = ""
    #: The path of the field in the object; empty where there is none.
    field: str = ""
    #: What is wrong.
    problem: str = ""
    #: What is legal or what to do; may be empty.
    hint: str = ""

    @classmethod
    def of_parts(cls, message: str, parts: Parts) -> Self:
        """The error of a sentence and its parts: source, object, field, problem, hint."""
        error = cls(message)
        error.source, error.object, error.field, error.problem, error.hint = parts
        return error

    @classmethod
    def of_problem(cls, problem: str, *, source: str = "", field: str = "", hint: str = "") -> Self:
        """The error whose sentence is made of these parts."""
        places = "".join(f"{place}: " for place in (source, field) if place)
        message = f"{places}{problem}" + (f"; {hint}" if hint else "")
        return cls.of_parts(message, (source, "", field, problem, hint))

    def __str__(self) -> str:
        # KeyError would quote it. What it quotes of the input must not act on a terminal.
        return visible(str(self.args[0])) if self.args else ""

    def __reduce__(self) -> tuple[Any, ...]:
        parts = (self.source, self.object, self.field, self.problem, self.hint)
        return type(self).of_parts, (str(self), parts)


class InputError(Error, ValueError):
    """The input is wrong: not JSON or YAML, or an object with a field that is not legal."""


class ConfigError(InputError):
    """The scheduler's configuration or the version is wrong."""


class TooManyPodsError(InputError):
    """Workloads ask for more pods than `max_pods` allows."""


class NotFoundError(Error, KeyError):
    """Something that was named is not in the cluster."""


class FileError(Error, OSError):
    """A file could not be read."""
