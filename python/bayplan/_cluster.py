"""A cluster that can be asked where pods would land."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable
from typing import Final, NamedTuple

from bayplan import _bayplan, _check
from bayplan._errors import ConfigError, InputError, NotFoundError
from bayplan._explanation import Explanation
from bayplan._fit import Fit
from bayplan._input import Reading, Source, Sources, configuration, read
from bayplan._placements import Candidate, Placement, Placements, Preemption
from bayplan._simulation import Simulation

#: The Kubernetes minor versions that are known, the oldest first.
KUBERNETES_VERSIONS: Final = _bayplan.KUBERNETES_VERSIONS


#: The kubectl command that dumps every kind that is read and that every server has. Secrets and config maps are not among them.
DUMP_COMMAND: Final = (
    f"kubectl get {','.join(name for name, is_everywhere in _bayplan.RESOURCES if is_everywhere)} -A -o json"
)
#: The one that dumps devices and pod groups as well, where the server has them: `kubectl get` fails where it has not.
DEVICES_DUMP_COMMAND: Final = (
    "kubectl get $(kubectl api-resources --verbs=list -o name | grep -E '[.](resource|scheduling)[.]k8s[.]io$' | paste -sd, -)"
    " -A -o json"
)
#: More replicas than these are not tried unless asked for.
LIMIT: Final = 100_000
#: More pods than these are not made of the workloads of one call unless asked for.
MAX_PODS: Final = _bayplan.MAX_PODS
#: The highest limit that can be asked for.
MOST: Final = sys.maxsize
#: The highest seed.
MOST_SEED: Final = 2**64 - 1
#: What helps where a pod is not found.
ASK_THE_CLUSTER_AFTER: Final = "if place made it, it is in the cluster after: ask placements.cluster.why(…)"

_log = logging.getLogger("bayplan")

#: Is called a few times a second with how many are done, and of how many; what it raises ends the call.
Progress = Callable[[int, int], object]


class Skipped(NamedTuple):
    """Objects of a kind that is not read."""

    api_version: str
    kind: str
    objects: int


class Cluster:
    """Kubernetes objects, compiled to the scheduler's tables.

    Questions leave it as it is. Threads may share it.
    """

    __slots__ = ("_native", "_skipped")

    _native: _bayplan.Cluster
    _skipped: tuple[Skipped, ...]

    def __init__(self) -> None:
        raise TypeError("a cluster is made by Cluster.load(…)")

    @classmethod
    def load(
        cls,
        sources: Sources,
        *,
        version: str = KUBERNETES_VERSIONS[-1],
        config: Source | None = None,
        seed: int | None = None,
        validate: str = "strict",
        objects: str = "by-uid",
        overlay: str = "apply",
    ) -> Cluster:
        """Reads objects: a path (a file, a directory, `-` for stdin), an open file, bytes of JSON or YAML, objects as
        `json.load` gives them, or several of these. A later one updates an object of an earlier one.

        `version` is the Kubernetes version whose scheduler decides. `config` is a KubeSchedulerConfiguration, if it is
        not among the objects. Ties go to the first node, or with a `seed` to one of them by chance.

        An object that has a uid is live: an API server has taken it. Any other is written: what a server would fill in is
        filled in, and what it would refuse is refused. `objects="live"` takes all of them as they are. `validate` says what
        is done about fields of written objects that no server knows, as kubectl's `--validate`: `strict`, `warn` or
        `ignore`.

        A written object that has the name of a live one is merged into it as `kubectl apply` does, or with
        `overlay="replace"` takes its place, as with `kubectl replace`; so it is wherever objects come to the cluster.
        """
        version = _check.text("version", version, KUBERNETES_VERSIONS[-1])
        seed = None if seed is None else _check.whole("seed", seed, MOST_SEED)
        inputs = read(sources, Reading(None, validate, objects))
        settings = configuration(config, inputs)
        try:
            native = _bayplan.Cluster(inputs, version=version, config=settings, seed=seed, overlay=overlay)
        except ConfigError as error:
            raise _of_file(error, config) from None
        cluster = cls._of(native, _count(inputs))
        for skipped in cluster.skipped:
            kind = _bayplan.visible(f"{skipped.kind} ({skipped.api_version})")
            _log.info("%d objects of kind %s are not read", skipped.objects, kind)
        for warning in cluster.warnings:
            _log.warning("%s", _bayplan.visible(warning))
        return cluster

    @classmethod
    def _of(cls, native: _bayplan.Cluster, skipped: tuple[Skipped, ...]) -> Cluster:
        cluster = object.__new__(cls)
        cluster._native = native
        cluster._skipped = skipped
        return cluster

    def place(
        self,
        workloads: Sources | None = None,
        *,
        include_pending: bool = False,
        namespace: str | None = None,
        max_pods: int = MAX_PODS,
        preemption: bool = True,
        validate: str = "strict",
        progress: Progress | None = None,
    ) -> Placements:
        """Where these workloads would land; without workloads, the pods that wait in the cluster.

        Pods, Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs and CronJobs are placed, and one of these there
        must be; other objects that come with them are taken in first. Of a workload that is there already, only the
        missing pods are placed. With `include_pending`, the pods that wait are placed too. `namespace` is that of
        objects that name none.

        A pod that fits nowhere preempts pods of lower priority, as in a real cluster: `placements.evictions` are these,
        and those that a controller owns come again as pending pods. With `preemption=False` nobody is evicted.

        Workloads that ask for more than `max_pods` pods are refused with a `TooManyPodsError`: a plan of a million pods
        takes minutes, and some 5 KB of memory for each.

        The cluster stays as it is: `placements.cluster` is the one after.
        """
        max_pods = _check.whole("max_pods", max_pods, MOST)
        inputs = None if workloads is None else read(workloads, Reading(namespace, validate))
        native = self._native.place(
            inputs, include_pending=include_pending, max_pods=max_pods, preemption=preemption, progress=progress
        )
        after = native.cluster
        skipped = self._skipped if inputs is None else self._skipped + _count(inputs)
        placements = Placements(native, Cluster._of(after, skipped) if after is not None else None)
        known = set(self.warnings)
        for warning in placements.warnings:
            if warning not in known:
                _log.warning("%s", _bayplan.visible(warning))
        return placements

    def simulate(
        self,
        workloads: Sources = (),
        *,
        jobs_finish: bool = False,
        cron_jobs: bool = False,
        provision: bool = True,
        seconds: int = 3600,
        namespace: str | None = None,
        max_pods: int = MAX_PODS,
        preemption: bool = True,
        validate: str = "strict",
        progress: Progress | None = None,
    ) -> Simulation:
        """What becomes of the cluster where these manifests are applied: controllers, scheduler and nodes are played until
        nothing changes any more.

        A changed template is rolled out within maxSurge and maxUnavailable, workloads that lack pods get them, DaemonSets
        have pods on new nodes, nodes that are not ready are tainted and their pods evicted. Without manifests it is what
        becomes of the cluster as it is.

        With `jobs_finish` the pods of Jobs run to their end once they are bound; with `cron_jobs` each CronJob runs once.
        With `provision` the drivers of storage classes make the volumes of claims that bind at once.
        `seconds` is the time that may pass on a virtual clock, for tolerations that end.

        The cluster stays as it is: `simulation.cluster` is the one after.
        """
        max_pods = _check.whole("max_pods", max_pods, MOST)
        seconds = _check.whole("seconds", seconds, MOST)
        inputs = read(workloads, Reading(namespace, validate))
        native = self._native.simulate(
            inputs,
            jobs_finish=jobs_finish,
            cron_jobs=cron_jobs,
            provision=provision,
            seconds=seconds,
            max_pods=max_pods,
            preemption=preemption,
            progress=progress,
        )
        simulation = Simulation(native, Cluster._of(native.cluster, self._skipped + _count(inputs)))
        known = set(self.warnings)
        for warning in simulation.warnings:
            if warning not in known:
                _log.warning("%s", _bayplan.visible(warning))
        return simulation

    def why(self, pod: str | Placement, *, namespace: str = "default", preemption: bool = True) -> Explanation:
        """Why a pod (`namespace/name`) goes where it goes, or nowhere, and whom it would preempt.

        A pod that is on a node already is explained as if it were to be placed again.
        """
        name = _name(pod, namespace)
        try:
            return Explanation(self._native.why(name, preemption))
        except NotFoundError as error:
            if error.hint:
                raise
            raise NotFoundError.of_problem(error.problem, hint=ASK_THE_CLUSTER_AFTER) from None

    def preempt(
        self, pod: str | Placement, *, namespace: str = "default", dry_run: bool = True
    ) -> Preemption | None:
        """What preemption does for a pod that waits: the pods that it would evict, and every node on which that helps.
        None where the pod fits somewhere, or may not be looked at.

        With `dry_run=False` it is done: the victims are taken out of the cluster, and the pod is nominated to their
        node.
        """
        weighed = json.loads(self._native.preempt(_name(pod, namespace), dry_run))
        candidates = tuple(
            Candidate(found["node"], tuple(found["victims"]), found["violations"]) for found in weighed["candidates"]
        )
        return Preemption._of_json(weighed["preemption"], candidates) if weighed["preemption"] else None

    def fit(
        self,
        template: Sources | None = None,
        *,
        name: str | None = None,
        limit: int = LIMIT,
        namespace: str | None = None,
        preemption: bool = False,
        validate: str = "strict",
        progress: Progress | None = None,
    ) -> Fit:
        """How many more replicas of a workload fit, and what stops the next.

        The template is one Pod, or whatever makes equal pods; how many replicas it asks for does not matter. Other
        objects that come with it are taken in first. Where there are several, `name` chooses one (`web`,
        `deployment/web` or `deploy/web`); without a template, it names a workload of the cluster. `namespace` is that
        of the workload. With `preemption=True` replicas evict pods of lower priority.
        """
        limit = _check.whole("limit", limit, MOST)
        inputs = None if template is None else read(template, Reading(namespace, validate))
        answer = self._native.fit(
            inputs, name=name, namespace=namespace, limit=limit, preemption=preemption, progress=progress
        )
        return Fit(answer)

    def upsert(self, objects: Sources, *, validate: str = "strict", live: bool = False) -> None:
        """Takes objects in, in the place of those of the same name: the door that a watch feeds. With `live=True` all are
        taken as an API server would return them, with a uid or without.
        """
        inputs = read(objects, Reading(None, validate, "live" if live else "by-uid"))
        self._native.upsert(inputs)
        self._skipped += _count(inputs)

    def delete(self, kind: str, name: str, namespace: str = "default") -> None:
        """Takes an object away."""
        if not self._native.delete(kind, namespace, name):
            raise NotFoundError(f"there is no {kind} {name} in the cluster, or not in namespace {namespace}")

    def fork(self) -> Cluster:
        """An independent copy."""
        return Cluster._of(self._native.fork(), self._skipped)

    def to_bytes(self) -> bytes:
        """The cluster as bytes, for `from_bytes`: its objects and options, compressed. Pickling does the same."""
        return self._native.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Cluster:
        """Opens what `to_bytes` of the same version of bayplan made; far faster than reading the objects again."""
        return cls._of(_bayplan.Cluster.from_bytes(data), ())

    def __reduce__(self) -> tuple[Callable[[bytes, tuple[Skipped, ...]], Cluster], tuple[bytes, tuple[Skipped, ...]]]:
        return _unpickle, (self.to_bytes(), self._skipped)

    __copy__ = fork

    def __deepcopy__(self, memo: object) -> Cluster:
        return self.fork()

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of the nodes, in node order."""
        return tuple(self._native.nodes)

    @property
    def pending(self) -> tuple[str, ...]:
        """The pods that wait for a node (`namespace/name`), in the order of the scheduler's queue."""
        return tuple(self._native.pending)

    def pods_on(self, node: str) -> tuple[str, ...]:
        """The pods bound to a node, by name."""
        return tuple(self._native.pods_on(node))

    @property
    def version(self) -> str:
        """The Kubernetes version whose scheduler decides."""
        return self._native.version

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be known of the input: configuration that is not honoured, pods on nodes that are not there."""
        return tuple(self._native.warnings)

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """The kinds that were not read, and how many objects of each."""
        counts: dict[tuple[str, str], int] = {}
        for api_version, kind, objects in self._skipped:
            counts[api_version, kind] = counts.get((api_version, kind), 0) + objects
        return tuple(Skipped(*key, objects) for key, objects in counts.items())

    def __repr__(self) -> str:
        return f"<Cluster of {len(self.nodes)} nodes, {len(self.pending)} pods pending, Kubernetes {self.version}>"


def _name(pod: str | Placement, namespace: str) -> str:
    """`namespace/name` of a pod."""
    if not isinstance(pod, (str, Placement)):
        raise TypeError(f"pod is a name (namespace/name) or a Placement, not a {type(pod).__name__}")
    name = pod.pod if isinstance(pod, Placement) else pod
    if not name:
        raise InputError.of_problem("the name is empty", field="pod", hint="name it as namespace/name")
    return name if "/" in name else f"{namespace}/{name}"


def _of_file(error: ConfigError, config: Source | None) -> ConfigError:
    """The same, with the file that the configuration is in."""
    if error.source or not isinstance(config, (str, os.PathLike)):
        return error
    source = str(config)
    parts = (source, error.object, error.field, error.problem, error.hint)
    return ConfigError.of_parts(f"{source}: {error}", parts)


def _count(inputs: list[_bayplan.Input]) -> tuple[Skipped, ...]:
    return tuple(Skipped(*skipped) for given in inputs for skipped in given.skipped)


def _unpickle(data: bytes, skipped: tuple[Skipped, ...]) -> Cluster:
    return Cluster._of(_bayplan.Cluster.from_bytes(data), skipped)
