"""Whatever a caller has of Kubernetes objects, read."""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

from bayplan import _bayplan
from bayplan._errors import ConfigError, FileError, InputError

#: No file system takes longer paths.
LONGEST_NAME = 4096
#: So much of what is no path is shown in an error.
SHOWN = 60


class Readable(Protocol):
    """A file that is open."""

    def read(self) -> str | bytes: ...


#: One source of objects: a path (a file, a directory, or `-` for stdin), an open file, the bytes of JSON or YAML, or an
#: object as `json.load` gives it (a `List` of objects too).
Source: TypeAlias = str | os.PathLike[str] | Readable | bytes | Mapping[str, Any]
#: One source or several; `None` among them is skipped, as an empty document of a file is.
Sources: TypeAlias = Source | Iterable[Source | None]


class Reading(NamedTuple):
    """How sources are read."""

    #: The namespace of objects that name none; objects that name another are an error.
    namespace: str | None = None
    #: What is done about fields that no API server knows, as by kubectl's `--validate`: `strict`, `warn` or `ignore`.
    validate: str = "strict"
    #: What objects are taken for: `by-uid` (live with a uid, else written) or `live`.
    objects: str = "by-uid"


def read(sources: Sources, reading: Reading = Reading()) -> list[_bayplan.Input]:
    """Reads sources in order. Mappings that stand next to each other are one input."""
    if isinstance(sources, (str, os.PathLike, bytes, bytearray, memoryview, Mapping)) or hasattr(sources, "read"):
        return [_one(sources, reading)]
    if not isinstance(sources, Iterable):
        raise TypeError(_not_a_source(sources))
    inputs: list[_bayplan.Input] = []
    objects: list[Mapping[str, Any]] = []
    for source in sources:
        if source is None:
            continue
        if isinstance(source, Mapping):
            objects.append(source)
            continue
        if objects:
            inputs.append(_of_objects(objects, reading))
            objects = []
        inputs.append(_one(source, reading))
    if objects:
        inputs.append(_of_objects(objects, reading))
    return inputs


def each(sources: Sources) -> list[Source]:
    """Each source of one or several."""
    if isinstance(sources, (str, os.PathLike, bytes, bytearray, memoryview, Mapping)) or hasattr(sources, "read"):
        return [sources]  # type: ignore[list-item]
    return [source for source in sources if source is not None]


def text_of(source: Source) -> tuple[str, str]:
    """The name and the text of what a source holds; of a directory, its files behind each other."""
    if isinstance(source, Mapping):
        return "objects", json.dumps(source, default=_plain, allow_nan=False)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return "bytes", _unpacked(bytes(source), "bytes")
    if hasattr(source, "read"):
        content = source.read()
        name = str(getattr(source, "name", "file"))
        return name, content if isinstance(content, str) else _unpacked(bytes(content), name)
    if not isinstance(source, (str, os.PathLike)):
        raise TypeError(_not_a_source(source))
    path = os.fspath(source)
    if path == "-":
        return "stdin", _unpacked(_stdin(), "stdin")
    files = [path]
    if os.path.isdir(path):
        names = (os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names)
        files = sorted(name for name in names if name.removesuffix(".gz").endswith((".json", ".yaml", ".yml")))
    texts = []
    for file in files:
        try:
            with open(file, "rb") as opened:
                texts.append(_unpacked(opened.read(), file))
        except OSError as error:
            raise FileError.of_problem(error.strerror or str(error), source=file) from error
    return path, "\n---\n".join(texts)


def _unpacked(data: bytes, name: str) -> str:
    try:
        return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError.of_problem(f"the input is neither UTF-8 nor packed by gzip: {error}", source=name) from error


def configuration(config: Source | None, inputs: Iterable[_bayplan.Input]) -> str | None:
    """The configuration that was given, or the one that is among the objects, as JSON."""
    if config is not None:
        given = _one(config, Reading(validate="ignore", objects="live"))
        found = given.configurations
        if not found and given.embedded:
            raise ConfigError.of_problem(
                f"its KubeSchedulerConfiguration is text in another object: {given.embedded[0]}",
                source=given.source,
                hint="write that text to a file of its own, and give that",
            )
        if not found and given.skipped:
            version, kind, _ = given.skipped[0]
            raise ConfigError.of_problem(
                f"it holds a {kind} of {version}, which is no KubeSchedulerConfiguration",
                source=given.source,
                hint="give one of kubescheduler.config.k8s.io/v1",
            )
        if len(found) != 1:
            raise ConfigError(f"the configuration holds {len(found)} KubeSchedulerConfigurations; give one")
        return found[0]
    among = [found for given in inputs for found in given.configurations]
    if len(among) > 1:
        raise ConfigError(f"there are {len(among)} KubeSchedulerConfigurations among the objects; keep one of them")
    return among[0] if among else None


def _one(source: Any, reading: Reading) -> _bayplan.Input:
    if isinstance(source, str):
        return _of_path(source, reading)
    if isinstance(source, os.PathLike):
        return _bayplan.Input.from_path(source, *reading)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _bayplan.Input.from_bytes(bytes(source), "bytes", *reading)
    if isinstance(source, Mapping):
        return _of_objects([source], reading)
    if hasattr(source, "read"):
        content = source.read()
        data = content.encode() if isinstance(content, str) else bytes(content)
        return _bayplan.Input.from_bytes(data, str(getattr(source, "name", "file")), *reading)
    raise TypeError(_not_a_source(source))


def _of_path(path: str, reading: Reading) -> _bayplan.Input:
    if path == "-":
        return _bayplan.Input.from_bytes(_stdin(), "stdin", *reading)
    if not path:
        raise FileError.of_problem("the path is empty", hint="give a file, a directory, or - for stdin")
    try:
        return _bayplan.Input.from_path(path, *reading)
    except FileError as error:
        is_text = "\n" in path or path.lstrip()[:1] in ("{", "[") or ": " in path
        if not is_text and len(path) <= LONGEST_NAME:
            raise
        start = path if len(path) <= SHOWN else path[:SHOWN] + "…"
        hint = "a str is a path: pass bytes or an open file for text" if is_text else ""
        raise FileError.of_problem(error.problem, source=repr(start), hint=hint) from None


def _stdin() -> bytes:
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise FileError.of_problem(error.strerror or str(error), source="stdin") from error


def _of_objects(objects: list[Mapping[str, Any]], reading: Reading) -> _bayplan.Input:
    document: Any = objects[0] if len(objects) == 1 else {"apiVersion": "v1", "kind": "List", "items": objects}
    try:
        text = json.dumps(document, default=_plain, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"objects: this is not JSON: {error}") from error
    return _bayplan.Input.from_bytes(text.encode(), "objects", *reading)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "isoformat"):  # times, as YAML loaders make them
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{value!r} is a {type(value).__name__}")


def _not_a_source(value: object) -> str:
    legal = "a path, an open file, bytes, a mapping, or several of these"
    return f"objects are read from {legal}, not from a {type(value).__name__}"
