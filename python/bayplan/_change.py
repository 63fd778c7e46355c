"""Changes of a cluster as values."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from bayplan import _bayplan
from bayplan._errors import InputError
from bayplan._input import Source, configuration, text_of


class Change:
    """A change of a cluster, as a planner asks about it: plain, printable, equal to its like, and the same in documents of
    scenarios and as an option of the command.

    >>> str(Change.scale("shop/ads", 12))
    '--scale shop/ads=12'
    """

    __slots__ = ("_document", "_text")

    _document: str
    _text: str

    def __init__(self) -> None:
        raise TypeError("a change is made by Change.drain(…), Change.scale(…) and the like, or Change.of(…)")

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Change:
        """The change that an item of `changes` in a document of scenarios is, as `{"cordon": "node-07"}`."""
        if not isinstance(document, Mapping):
            raise TypeError(f"a change is a mapping, as {{'cordon': 'n1'}}, not a {type(document).__name__}")
        try:
            text = json.dumps(dict(document), allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InputError(f"change: this is not JSON: {error}") from error
        return cls._made(*_bayplan.change(text))

    @classmethod
    def option(cls, name: str, text: str, *, namespace: str | None = None) -> Change:
        """The change of an option of the command: `Change.option("scale", "shop/ads=12")`."""
        change = cls._made(*_bayplan.change(_bayplan.change_of_option(name, text, namespace)))
        document = change.to_dict()
        if "apply" in document:
            return cls.apply(document["apply"]["file"], namespace=namespace)
        if "config" in document:
            return cls.config(document["config"])
        return change

    @classmethod
    def without_nodes(cls, nodes: str) -> Change:
        """Nodes are gone for good, machine and Node object: a selector (`zone=b`) or names (`node-0*`). Their pods come again
        through their controllers; those without one are lost.
        """
        return cls.of({"withoutNodes": nodes})

    @classmethod
    def unreachable_nodes(cls, nodes: str) -> Change:
        """Nothing is heard of nodes any more: their pods are evicted after their tolerations, and stay Terminating."""
        return cls.of({"unreachableNodes": nodes})

    @classmethod
    def drain(
        cls,
        nodes: str,
        *,
        force: bool = False,
        delete_emptydir_data: bool = False,
        ignore_daemonsets: bool = False,
        timeout: int = 0,
    ) -> Change:
        """`kubectl drain` with its flags: budgets are kept; what they refuse is tried again for `timeout` seconds (0: while
        it helps). Without `ignore_daemonsets` a node that has pods of DaemonSets is not drained.
        """
        return cls.of(
            {
                "drain": {
                    "nodes": nodes,
                    "force": force,
                    "deleteEmptydirData": delete_emptydir_data,
                    "ignoreDaemonsets": ignore_daemonsets,
                    "timeout": timeout,
                }
            }
        )

    @classmethod
    def cordon(cls, nodes: str) -> Change:
        """`kubectl cordon`."""
        return cls.of({"cordon": nodes})

    @classmethod
    def uncordon(cls, nodes: str) -> Change:
        """`kubectl uncordon`."""
        return cls.of({"uncordon": nodes})

    @classmethod
    def taint(cls, nodes: str, *taints: str) -> Change:
        """`kubectl taint nodes`: `key=value:Effect`; `key-` takes one away."""
        return cls.of({"taint": {"nodes": nodes, "taints": list(taints)}})

    @classmethod
    def label(cls, nodes: str, *labels: str) -> Change:
        """`kubectl label nodes`: `key=value`; `key-` takes one away."""
        return cls.of({"label": {"nodes": nodes, "labels": list(labels)}})

    @classmethod
    def add_nodes(
        cls,
        count: int,
        *,
        like: str | None = None,
        file: str | os.PathLike[str] | None = None,
        resources: Mapping[str, str | int | float] | None = None,
        name: str | None = None,
        zones: Iterable[str] = (),
        labels: Mapping[str, str] | None = None,
        taints: Iterable[str] = (),
    ) -> Change:
        """Nodes come: like one that is there, like the one of a file, or of a size (`resources={"cpu": 16, "memory": "64Gi"}`)."""
        document: dict[str, Any] = {"count": count, "like": like, "name": name}
        document["file"] = None if file is None else os.fspath(file)
        document["resources"] = _amounts(resources or {})
        document |= {"zones": list(zones), "labels": dict(labels or {}), "taints": list(taints)}
        return cls.of({"addNodes": {key: value for key, value in document.items() if value not in (None, [], {})}})

    @classmethod
    def resize_nodes(cls, nodes: str, resources: Mapping[str, str | int | float]) -> Change:
        """Nodes become machines of another capacity; what the system reserves stays as much."""
        return cls.of({"resizeNodes": {"nodes": nodes, "resources": _amounts(resources)}})

    @classmethod
    def scale(cls, workload: str, replicas: int, *, namespace: str | None = None) -> Change:
        """`kubectl scale`: `shop/ads`, `deploy/ads`."""
        if not 0 <= replicas < 2**31:
            raise InputError.of_problem(
                f"{replicas} is no number of replicas", field="replicas", hint="legal is 0 to 2147483647"
            )
        return cls.of({"scale": _named("workload", workload, namespace) | {"replicas": replicas}})

    @classmethod
    def set_requests(
        cls,
        workload: str,
        requests: Mapping[str, str | int | float],
        *,
        container: str | None = None,
        namespace: str | None = None,
    ) -> Change:
        """`kubectl set resources --requests`, of one container or of all: the changed template is rolled out."""
        document = _named("workload", workload, namespace) | {"requests": _amounts(requests)}
        return cls.of({"setRequests": document | ({"container": container} if container else {})})

    @classmethod
    def apply(cls, source: Source, *, namespace: str | None = None, validate: str = "strict") -> Change:
        """`kubectl apply`. What a file holds is read now, so that the change can be sent elsewhere."""
        name, text = text_of(source)
        document = {"text": text, "source": name, "validate": validate}
        return cls.of({"apply": document | ({"namespace": namespace} if namespace else {})})

    @classmethod
    def delete(cls, object: str, *, namespace: str | None = None) -> Change:
        """`kubectl delete`: `deploy/ads`, `shop/pod/x`, `node/n1`; what it owns goes with it."""
        return cls.of({"delete": _named("object", object, namespace)})

    @classmethod
    def version(cls, version: str) -> Change:
        """The scheduler, admission and the controllers of another Kubernetes version."""
        return cls.of({"kubernetesVersion": version})

    @classmethod
    def config(cls, config: Source) -> Change:
        """Another KubeSchedulerConfiguration."""
        found = configuration(config, ())
        return cls.of({"config": json.loads(found or "null")})

    def to_dict(self) -> dict[str, Any]:
        """As an item of `changes` in a document of scenarios."""
        document: dict[str, Any] = json.loads(self._document)
        return document

    @classmethod
    def _made(cls, document: str, text: str) -> Change:
        change = object.__new__(cls)
        change._document = document
        change._text = text
        return change

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"<Change {self._text}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Change) and self._document == other._document

    def __hash__(self) -> int:
        return hash(self._document)

    def __reduce__(self) -> tuple[Any, ...]:
        return Change._made, (self._document, self._text)


#: What changes may be given as: one or several, each a `Change` or what `Change.to_dict` gives.
Changes: TypeAlias = Change | Mapping[str, Any] | Iterable[Change | Mapping[str, Any]]


def documents(changes: Changes) -> list[str]:
    """The changes as JSON, in order."""
    if isinstance(changes, (Change, Mapping)):
        changes = [changes]
    if isinstance(changes, (str, bytes)) or not isinstance(changes, Iterable):
        raise TypeError(f"changes are made by Change.drain(…) and the like, not from a {type(changes).__name__}")
    return [(change if isinstance(change, Change) else Change.of(change))._document for change in changes]


def _amounts(resources: Mapping[str, str | int | float]) -> dict[str, str]:
    return {name: str(amount) for name, amount in resources.items()}


def _named(key: str, name: str, namespace: str | None) -> dict[str, Any]:
    return {key: name} | ({"namespace": namespace} if namespace else {})
