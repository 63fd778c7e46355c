"""A cluster that can be asked where pods would land."""

from __future__ import annotations

import html
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from typing import Any, Final, Literal, NamedTuple, TypeVar

from bayplan import _bayplan, _check
from bayplan._change import Change, Changes, documents
from bayplan._errors import ConfigError, InputError, NotFoundError
from bayplan._explanation import Explanation
from bayplan._fit import Fit
from bayplan._headroom import Headroom
from bayplan._input import Reading, Source, Sources, configuration, each, read
from bayplan._inventory import Node, Pod, Records, WorkloadInfo
from bayplan._manifests import Check, check
from bayplan._placements import Candidate, Placement, Placements, Preemption
from bayplan._simulation import Drain, Simulation
from bayplan._size import Catalogue, Size, catalogue_of
from bayplan._sweep import Given, Sweep, scenarios_of, sweep
from bayplan._whatif import Diff, Fail, FitSeveral, Gpus, Nodes, PreemptionPreview, Shrink, Upgrade
from bayplan.picture import Drawn
from bayplan.picture.data import of_cluster

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
#: How many pods a search for nodes places at most unless asked for more.
EFFORT: Final = 12_000_000
#: The highest limit that can be asked for.
MOST: Final = sys.maxsize
#: The highest seed.
MOST_SEED: Final = 2**64 - 1
#: What helps where a pod is not found.
ASK_THE_CLUSTER_AFTER: Final = "if place made it, it is in the cluster after: ask placements.cluster.why(…)"

_log = logging.getLogger("bayplan")

#: Is called a few times a second with how many are done, and of how many; what it raises ends the call.
Progress = Callable[[int, int], object]


Noted = TypeVar("Noted", Simulation, Drain, Fail, Shrink, Size, Diff, Gpus, Upgrade)


class Play(NamedTuple):
    """How a cluster is played."""

    jobs_finish: bool = False
    cron_jobs: bool = False
    provision: bool = True
    seconds: int = 3600
    max_pods: int = MAX_PODS
    preemption: bool = True

    def checked(self) -> dict[str, int]:
        """For the native part."""
        _check.whole("max_pods", self.max_pods, MOST)
        _check.whole("seconds", self.seconds, MOST)
        return self._asdict()


class Skipped(NamedTuple):
    """Objects of a kind that is not read."""

    api_version: str
    kind: str
    objects: int


class Cluster(Drawn):
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
        """What becomes of the cluster where these manifests are applied: `what_if` with `Change.apply` of each.

        A changed template is rolled out within maxSurge and maxUnavailable, workloads that lack pods get them, DaemonSets
        have pods on new nodes, nodes that are not ready are tainted and their pods evicted. Without manifests it is what
        becomes of the cluster as it is.
        """
        applied = [Change.apply(source, namespace=namespace, validate=validate) for source in each(workloads)]
        texts = [change.to_dict()["apply"]["text"].encode() for change in applied]
        inputs = read(texts, Reading(namespace, validate))
        return self._ask_simulation(
            applied,
            Play(jobs_finish, cron_jobs, provision, seconds, max_pods, preemption),
            skipped=_count(inputs),
            progress=progress,
        )

    def what_if(
        self,
        changes: Changes = (),
        *,
        jobs_finish: bool = False,
        cron_jobs: bool = False,
        provision: bool = True,
        seconds: int = 3600,
        max_pods: int = MAX_PODS,
        preemption: bool = True,
        progress: Progress | None = None,
    ) -> Simulation:
        """What becomes of the cluster where these changes are made, in their order: controllers, scheduler and nodes are
        played until nothing changes any more. What the cluster would do by itself comes first.

        With `jobs_finish` the pods of Jobs run to their end once they are bound; with `cron_jobs` each CronJob runs once.
        With `provision` the drivers of storage classes make the volumes of claims that bind at once.
        `seconds` is the time that may pass on a virtual clock, for tolerations that end.

        The cluster stays as it is: `simulation.cluster` is the one after.
        """
        play = Play(jobs_finish, cron_jobs, provision, seconds, max_pods, preemption)
        return self._ask_simulation(changes, play, progress=progress)

    def drain(
        self,
        nodes: str,
        *,
        force: bool = False,
        delete_emptydir_data: bool = False,
        ignore_daemonsets: bool = False,
        timeout: int = 0,
        changes: Changes = (),
        preemption: bool = True,
        progress: Progress | None = None,
    ) -> Drain:
        """What `kubectl drain` would do and say, and where the pods go. `nodes` is a selector, or names.

        The flags are kubectl's: without `ignore_daemonsets` a node that has pods of DaemonSets is not drained. Budgets are kept: what they refuse is tried again for `timeout` seconds, or with 0 as long as anything changes.
        `changes` are made before.
        """
        drain = Change.drain(
            nodes,
            force=force,
            delete_emptydir_data=delete_emptydir_data,
            ignore_daemonsets=ignore_daemonsets,
            timeout=timeout,
        )
        texts = [*documents(changes), *documents(drain)]
        play = Play(preemption=preemption)
        native = _bayplan.what_if(self._native, texts, play.checked(), "Drain", progress)
        return self._note(Drain(native, Cluster._of(self._after(native), self._skipped)))

    def fail(
        self,
        by: str = "zone",
        *,
        pairs: bool = False,
        changes: Changes = (),
        preemption: bool = True,
        seconds: int = 3600,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> Fail:
        """What happens when each domain of a label is lost in turn (N+1): `zone`, `node`, or a label's key. Its nodes are
        gone, and their pods come again through their controllers.

        With `pairs` each two fail together as well. `changes` are made before. `threads` play at once (0: one a core).
        """
        play = Play(seconds=seconds, preemption=preemption)
        threads = _check.whole("threads", threads, 4096)
        native = _bayplan.fail(self._native, by, documents(changes), play.checked(), pairs, threads, progress)
        return self._note(Fail(native))

    def shrink(
        self,
        *,
        nodes: str | None = None,
        prices: Mapping[str, float] | None = None,
        most: int = MOST,
        delete_emptydir_data: bool = True,
        changes: Changes = (),
        progress: Progress | None = None,
    ) -> Shrink:
        """Which nodes can be switched off together, so that every pod finds another node: budgets are kept, nobody is
        preempted, and pods without a controller stay where they are.

        `nodes` (a selector, or names) are tried; all by default. `prices` are by node: what costs most for what it carries
        is tried first. It is a search that takes what it finds: another set may be larger.
        """
        most = _check.whole("most", most, MOST)
        costs = {name: float(price) for name, price in (prices or {}).items()}
        play = Play(preemption=False).checked()
        native = _bayplan.shrink(
            self._native, documents(changes), play, nodes, costs, most, delete_emptydir_data, progress
        )
        return self._note(Shrink(native))

    def size(
        self,
        catalogue: Catalogue,
        *,
        shapes: Iterable[str] = (),
        zones: Iterable[str] = (),
        arch: Iterable[str] = (),
        survive: Literal["node", "zone"] | None = None,
        keep_nodes: bool = False,
        labels: Mapping[str, str] | None = None,
        effort: int = EFFORT,
        changes: Changes = (),
        progress: Progress | None = None,
    ) -> Size:
        """What to buy: the cheapest mix of node shapes that carries the pods of the cluster, and a lower bound that no mix
        beats. The scheduler places every pod on the mix, and daemon pods come along; nobody is preempted.

        The nodes of the cluster are replaced; with `keep_nodes` they stay, and what is bought is for the pods that wait.
        Manifests come as `changes`. `catalogue` is a file (CSV, JSON or YAML), rows or a frame with `name`, `price`, `cpu`,
        `memory`, and where they matter `pods`, `gpus`, `arch`, `zone`, `labels`, `taints`, `reserved` and `resources`.
        With `shapes` only those of such names are bought (`["m7i.*", "c7i.*"]`).
        Each of `zones` gets a node at least; by default they are those of the catalogue, or of the cluster's nodes.
        `arch` is what images are made for, as the scheduler does not look: by default what the cluster's nodes are, or amd64.
        With `survive` any one node, or any one zone, can be lost, and every pod finds another node. `labels` are those of
        all new nodes. `effort` is how many pods the search places at most, over all mixes that it tries.
        """
        effort = _check.whole("effort", effort, MOST)
        play = Play(preemption=False).checked()
        native = _bayplan.size(
            self._native,
            documents(changes),
            play,
            catalogue_of(catalogue, shapes),
            list(zones),
            list(arch),
            survive,
            keep_nodes,
            dict(labels or {}),
            effort,
            progress,
        )
        return self._note(Size(native, Cluster._of(self._after(native), self._skipped)))

    def _ask_simulation(
        self,
        changes: Changes,
        play: Play,
        *,
        skipped: tuple[Skipped, ...] = (),
        progress: Progress | None = None,
    ) -> Simulation:
        native = _bayplan.what_if(self._native, documents(changes), play.checked(), "Simulation", progress)
        return self._note(Simulation(native, Cluster._of(self._after(native), self._skipped + skipped)))

    @staticmethod
    def _after(native: _bayplan.Answer) -> _bayplan.Cluster:
        after = native.cluster
        assert after is not None
        return after

    def _note(self, answer: Noted) -> Noted:
        """Logs what is to be known and was not before."""
        known = set(self.warnings)
        for warning in answer.warnings:
            if warning not in known:
                _log.warning("%s", _bayplan.visible(warning))
        return answer

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

    def preempt(self, pod: str | Placement, *, namespace: str = "default", dry_run: bool = True) -> Preemption | None:
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

    def _preemption(self, pod: str, *, namespace: str) -> PreemptionPreview:
        """Whom a waiting pod would evict, as an answer."""
        return PreemptionPreview(_bayplan.preempt_preview(self._native, _name(pod, namespace)))

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

    def fit_several(
        self,
        workloads: Sources = (),
        *,
        names: Mapping[str, int] | Iterable[str] = (),
        together: str = "apart",
        limit: int = LIMIT,
        namespace: str | None = None,
        preemption: bool = False,
        validate: str = "strict",
        progress: Progress | None = None,
    ) -> FitSeveral:
        """How many more replicas of several workloads fit, what limits each, and what capacity is stranded.

        They are those of the files, or by `names` some of these or of the cluster. `together` is `apart` (each as if none
        of the others came), `in-turn` (each after the one before), or `bundle`: so many of each at a time, as their
        replicas or `names` say (`{"shop/web": 3, "shop/api": 2}`), again and again.
        """
        if together not in ("apart", "in-turn", "bundle"):
            raise InputError.of_problem(f"{together!r} is not legal", field="together", hint="apart, in-turn or bundle")
        names = [names] if isinstance(names, str) else names
        counts = list(names.items()) if isinstance(names, Mapping) else [(name, 1) for name in names]
        limit = _check.whole("limit", limit, MOST)
        inputs = read(workloads, Reading(namespace, validate))
        native = _bayplan.fit_bundle(self._native, inputs, counts, together, namespace, limit, preemption, progress)
        return FitSeveral(native)

    def headroom(
        self,
        names: Mapping[str, int],
        *,
        sets: int = 1,
        catalogue: Catalogue | None = None,
        limit: int = LIMIT,
        effort: int = EFFORT,
        namespace: str | None = None,
        progress: Progress | None = None,
    ) -> Headroom:
        """How often a set of the cluster's workloads still fits (`{"shop/web": 3, "shop/api": 2}`), and where a `catalogue`
        of nodes is given, what it costs to keep room for so many `sets`: the nodes to buy beside those that are there, see
        `size`.
        """
        fit = self.fit_several(names=names, together="bundle", limit=limit, namespace=namespace, progress=progress)
        if catalogue is None:
            return Headroom(fit._native)
        sets = _check.whole("sets", sets, MOST)
        if (fit.bundles or 0) >= sets:
            return Headroom(fit._native, sets)
        wanted = {f"{one.kind} {one.namespace}/{one.name}": one.wanted for one in self.workloads}
        changes = [
            Change.scale(item.workload.split(" ", 1)[1], wanted[item.workload] + sets * item.per_bundle)
            for item in fit.items
        ]
        keep = self.size(catalogue, keep_nodes=True, changes=changes, effort=effort, progress=progress)
        return Headroom(fit._native, sets, keep)

    def sweep(
        self,
        scenarios: Given,
        *,
        executor: Executor | None = None,
        preemption: bool = True,
        seconds: int = 3600,
        progress: Progress | None = None,
    ) -> Sweep:
        """What comes of each of many scenarios, each from the cluster at rest.

        `scenarios` are `Scenario`s, a document of `kind: Scenarios`, or the path of one. Threads play them; with an
        `executor` (processes, Dask) its workers do. A scenario that cannot be played holds its error. Where a worker dies
        its scenarios are played elsewhere; an interrupt ends it, and gives what is done.
        """
        play = Play(seconds=seconds, preemption=preemption).checked()
        return sweep(self, scenarios_of(scenarios), play, executor, progress)

    def diff(
        self,
        other: Cluster | None = None,
        *,
        changes: Changes = (),
        preemption: bool = True,
        progress: Progress | None = None,
    ) -> Diff:
        """What differs between this cluster and another one, or this one with changes: nodes, workloads, where pods are.

        Both are played to rest first, so that two versions, configurations or sets of manifests can be compared.
        """
        after = self if other is None else other
        if not isinstance(after, Cluster):
            raise TypeError(f"other is a Cluster, not a {type(after).__name__}")
        if documents(changes):
            after = after.what_if(changes, preemption=preemption).cluster
        native = _bayplan.diff(self._native, after._native, Play(preemption=preemption).checked(), progress)
        return self._note(Diff(native))

    def upgrade(
        self,
        nodes: str | None = None,
        *,
        surge: int = 1,
        delete_emptydir_data: bool = True,
        force: bool = False,
        timeout: int = 0,
        preemption: bool = True,
        progress: Progress | None = None,
    ) -> Upgrade:
        """The rehearsal of an upgrade: each node in turn is drained, and replaced by one like it.

        With a `surge` so many new nodes come before as many old ones are drained; with 0 each replacement comes after. A
        node that cannot be drained stays, and who blocks it is said.
        """
        surge = _check.whole("surge", surge, 10_000)
        timeout = _check.whole("timeout", timeout, MOST)
        play = Play(preemption=preemption).checked()
        native = _bayplan.upgrade(self._native, play, nodes, surge, delete_emptydir_data, force, timeout, progress)
        return self._note(Upgrade(native))

    def gpus(
        self,
        *,
        resources: Iterable[str] = (),
        pool: str | None = None,
        cpu: str | None = None,
        memory: str | None = None,
        progress: Progress | None = None,
    ) -> Gpus:
        """Where GPUs are free, by node and pool: used, free, stranded because cpu or memory is gone, the largest block, how
        many pods of 1, 2, 4, 8 still fit, and the fewest moves that free a block.

        `resources` are those whose name says `gpu` by default; `pool` is the label that names a node's pool. A GPU is
        stranded where its node has not `cpu` and `memory` beside it: by default the least that a pod of the cluster asks for.
        """
        play = Play(preemption=False).checked()
        resources = [resources] if isinstance(resources, str) else list(resources)
        native = _bayplan.gpus(self._native, play, resources, pool, cpu, memory, progress)
        return self._note(Gpus(native))

    def check(
        self,
        files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
        *,
        namespace: str | None = None,
        validate: str = "strict",
        scenarios: Given | None = None,
        preemption: bool = True,
    ) -> Check:
        """Does a change of manifests fit? They are validated, admitted (quotas too), rolled out and placed; then the
        scenarios are played on top, and what they assert is checked.
        """
        names = [os.fspath(file) for file in ([files] if isinstance(files, (str, os.PathLike)) else files)]
        return check(self, names, namespace=namespace, validate=validate, scenarios=scenarios, preemption=preemption)

    def _labels(self) -> dict[str, dict[str, str]]:
        """The labels of each node."""
        return {node.name: dict(node.labels) for node in self.nodes}

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
    def nodes(self) -> Records[Node]:
        """The nodes, in node order: what each gives, and what is asked of it."""
        rows = json.loads(_bayplan.nodes(self._native).json())["items"]
        return Records([Node._of_json(row) for row in rows])

    @property
    def pods(self) -> Records[Pod]:
        """The pods that have not ended, by namespace and name."""
        rows = json.loads(_bayplan.inventory(self._native))["pods"]
        return Records([Pod._of_json(row) for row in rows])

    @property
    def workloads(self) -> Records[WorkloadInfo]:
        """The workloads that nobody controls, and pods of none."""
        rows = json.loads(_bayplan.inventory(self._native))["workloads"]
        return Records([WorkloadInfo._of_json(row) for row in rows])

    def node_table(self, by: str | None = None) -> Nodes:
        """The nodes as a table, or with `by` (`zone`, a label's key) the sums of those with the same value."""
        return Nodes(_bayplan.nodes(self._native, by), self)

    def get(self, kind: str, name: str, namespace: str | None = None) -> dict[str, Any]:
        """An object, with the fields that are read: `cluster.get("deploy", "ads", "shop")`."""
        found: dict[str, Any] = json.loads(_bayplan.get(self._native, f"{kind}/{name}", namespace))
        return found

    @property
    def pending(self) -> tuple[str, ...]:
        """The pods that wait for a node (`namespace/name`), in the order of the scheduler's queue."""
        return tuple(self._native.pending)

    def pods_on(self, node: str | Node) -> tuple[str, ...]:
        """The pods bound to a node, by name."""
        return tuple(self._native.pods_on(node.name if isinstance(node, Node) else node))

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

    def _drawing(self) -> dict[str, Any]:
        return of_cluster(self, curve=True)

    def _repr_html_(self) -> str:
        has_zones = any(node.zone for node in self.nodes)
        by_zone = _bayplan.nodes(self._native, "zone").html() if has_zones else ""
        every = _bayplan.nodes(self._native, None).html()
        return f"<p>{html.escape(repr(self)[1:-1])}</p>{by_zone}<details><summary>all nodes</summary>{every}</details>"

    def __repr__(self) -> str:
        return (
            f"<Cluster of {len(self._native.nodes)} nodes, {len(self.pending)} pods pending, Kubernetes {self.version}>"
        )


def _name(pod: str | Placement, namespace: str) -> str:
    """`namespace/name` of a pod."""
    if not isinstance(pod, (str, Placement)):
        raise TypeError(f"pod is a name (namespace/name) or a Placement, not a {type(pod).__name__}")
    name = pod.pod if isinstance(pod, Placement) else pod
    kind, _, rest = name.partition("/")
    if kind in ("pod", "pods", "po") and rest:
        name = rest  # as `kubectl get -o name` prints it
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
