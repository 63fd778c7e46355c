"""Placing, against what the real kube-scheduler decides."""

import copy
import json
import pickle
import threading
from pathlib import Path
from typing import Any

import pandas
import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayplan import Cluster, InputError, NotApplied, NotFoundError, Placements, TooManyPodsError

Steps = dict[str, list[dict[str, Any]]]


@pytest.mark.parametrize("version", ["1.34", "1.35", "1.36", "1.37"])
def test_workloads_land_where_kube_scheduler_puts_them(
    dump: Path, workloads: Path, expected: Steps, version: str
) -> None:
    cluster = Cluster.load(dump, version=version)
    assert cluster.version == version
    placements = cluster.place(workloads)
    steps = expected[version][: len(placements)]
    assert len(placements) == 15
    for placement, step in zip(placements, steps, strict=True):
        assert placement.pod == step["pod"]
        assert placement.node == step.get("node")
        assert placement.scheduled == (step["result"] == "Scheduled")
        assert placement.message == step.get("message", "")
        assert placement.feasible == len(step.get("feasible", []))
        if "best" in step:
            assert (placement.score, placement.ties) == (step["totals"][step["node"]], len(step["best"]))


def test_the_message_of_pods_that_wait_is_that_of_the_dump(cluster: Cluster, dump: Path) -> None:
    """Whose conditions a real kube-scheduler wrote."""
    real = {}
    for item in json.loads(dump.read_text())["items"]:
        if item["kind"] == "Pod" and "nodeName" not in item["spec"]:
            meta = item["metadata"]
            (condition,) = item["status"]["conditions"]
            real[f"{meta['namespace']}/{meta['name']}"] = condition["message"]
    placements = cluster.place()
    assert [placement.pod for placement in placements] == list(cluster.pending)
    assert {placement.pod for placement in placements} == set(real)
    for placement in placements:
        assert real[placement.pod].startswith(placement.message + " preemption:")
        assert cluster.why(placement).message == placement.message


def test_the_cluster_stays_as_it_was(cluster: Cluster, workloads: Path) -> None:
    before = (cluster.pending, [cluster.pods_on(node) for node in cluster.nodes])
    placements = cluster.place(workloads)
    assert (cluster.pending, [cluster.pods_on(node) for node in cluster.nodes]) == before
    after = placements.cluster
    for placement in placements.placed:
        assert placement.node is not None
        assert placement.pod in after.pods_on(placement.node)
    assert {placement.pod for placement in placements.pending} <= set(after.pending)
    assert cluster.place(workloads) == placements
    with pytest.raises(NotFoundError, match="ask placements.cluster.why"):
        cluster.why(placements[0])
    assert after.why(placements[0]).pod == placements[0].pod


def test_include_pending(cluster: Cluster, workloads: Path) -> None:
    both = cluster.place(workloads, include_pending=True)
    assert {placement.pod for placement in both} == set(cluster.pending) | {p.pod for p in cluster.place(workloads)}
    assert len(both) == len(cluster.pending) + 15


def test_placements_are_an_immutable_sequence(cluster: Cluster, workloads: Path) -> None:
    placements = cluster.place(workloads)
    assert list(placements) == [placements[i] for i in range(15)]
    assert placements[-1] == placements[14]
    assert placements[2:4] == (placements[2], placements[3])
    assert placements[0] in placements
    assert placements.of(placements[3].pod) == placements[3]
    with pytest.raises(IndexError):
        placements[15]
    with pytest.raises(KeyError):
        placements.of("shop/nobody")
    with pytest.raises(AttributeError):
        placements[0].node = "worker-00"  # type: ignore[misc]
    assert len(placements.placed) + len(placements.pending) == 15


def test_frames_have_a_row_per_pod(cluster: Cluster, workloads: Path) -> None:
    placements = cluster.place(workloads)
    frame = placements.to_pandas()
    assert list(frame.columns) == [
        "namespace", "name", "node", "outcome", "score", "ties", "feasible", "message", "preempts_on", "victims",
        "not_applied", "missing", "workload", "zone", "priority", "cpu", "memory",
    ]  # fmt: skip
    wishlist = frame[frame["workload"] == "Deployment/wishlist"]
    assert len(wishlist) == 4 and set(wishlist["priority"]) == {1000}
    assert set(wishlist["zone"]) <= {"zone-a", "zone-b", "zone-c"}
    assert frame["score"].dtype == "int64"
    for name in ("namespace", "name", "score", "ties", "feasible", "message"):
        assert frame[name].tolist() == [getattr(placement, name) for placement in placements]
    nodes = [None if pandas.isna(node) else node for node in frame["node"]]
    assert nodes == [placement.node for placement in placements]
    other = placements.to_polars()
    assert other["node"].to_list() == nodes
    assert other["ties"].dtype == polars.Int64
    empty = Cluster.load([]).place()
    assert empty.to_pandas().shape == (0, 17)
    assert empty.to_polars().shape == (0, 17)


def test_placements_are_shown_as_a_table(cluster: Cluster, workloads: Path) -> None:
    placements = cluster.place(workloads)
    header, first, *_ = repr(placements).splitlines()
    assert header.split() == ["WORKLOAD", "PLACED", "NODES", "ZONES", "PRIORITY", "CPU", "MEMORY", "REASON"]
    assert first.split()[:2] == ["shop/wishlist", "4/4"]
    header, *lines = placements.to_text(wide=True).splitlines()
    assert header.split() == ["NAMESPACE", "NAME", "STATUS", "NODE", "SCORE", "TIES", "REASON"]
    for line, placement in zip(lines, placements, strict=False):
        namespace, name, _, node, *_ = line.split()
        assert (namespace, name, node) == (placement.namespace, placement.name, placement.node or "<none>")
    html = placements._repr_html_()
    assert "<td>shop/wishlist</td><td>4/4</td>" in html


def test_pickling_leaves_the_cluster_behind(cluster: Cluster, workloads: Path) -> None:
    placements = cluster.place(workloads)
    other: Placements = pickle.loads(pickle.dumps(placements))
    assert other == placements
    assert hash(other) == hash(placements)
    assert list(other) == list(placements)
    assert repr(other) == repr(placements)
    with pytest.raises(AttributeError, match="left their cluster behind"):
        _ = other.cluster


def test_copies_keep_the_cluster(cluster: Cluster, workloads: Path) -> None:
    placements = cluster.place(workloads)
    pod = placements.pending[0].pod
    assert copy.copy(placements) == placements
    assert copy.copy(placements).cluster is placements.cluster
    deep = copy.deepcopy(placements)
    assert deep == placements
    assert deep.cluster.why(pod) == placements.cluster.why(pod)
    namespace, name = pod.split("/")
    deep.cluster.delete("Pod", name, namespace)
    assert pod in placements.cluster.pending
    left: Placements = pickle.loads(pickle.dumps(placements))
    assert copy.deepcopy(left) == copy.copy(left) == left


def test_workloads_without_a_workload(node: dict[str, Any], pod: dict[str, Any]) -> None:
    cluster = Cluster.load(node)
    status = {"apiVersion": "v1", "kind": "Status", "status": "Failure", "message": "Unauthorized"}
    with pytest.raises(InputError, match='objects: .* no matches for kind "Status" in version "v1"'):
        cluster.place(status)
    with pytest.raises(InputError, match="this kind is of apiVersion: apps/v1"):
        cluster.place([pod, {"apiVersion": "extensions/v1beta1", "kind": "Deployment", "metadata": {"name": "d"}}])
    with pytest.raises(InputError, match='no matches for kind "Status"'):
        cluster.place([pod, status])
    assert len(cluster.place([])) == 0


def test_a_rule_that_is_not_applied_is_said(node: dict[str, Any], pod: dict[str, Any]) -> None:
    pod["spec"]["resourceClaims"] = [{"name": "gpu", "resourceClaimName": "gpu"}]
    placements = Cluster.load(node).place(pod)
    (rule,) = placements.not_applied
    assert isinstance(rule, NotApplied)
    assert rule.rule == "DynamicResources"
    assert placements[0].not_applied == (rule,)
    assert "rule not applied: DynamicResources" in repr(placements)
    assert placements.to_pandas()["not_applied"].tolist() == ["DynamicResources"]


def test_a_missing_object_is_said(node: dict[str, Any], pod: dict[str, Any]) -> None:
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "u", "controller": True}
    pod["metadata"]["ownerReferences"] = [owner]
    placements = Cluster.load([node, pod]).place()
    assert placements[0].missing == ("ReplicaSet default/web",)


def test_a_seed_draws_among_ties(node: dict[str, Any], pod: dict[str, Any]) -> None:
    nodes = []
    for number in range(8):
        other = copy.deepcopy(node)
        other["metadata"]["name"] = f"n{number}"
        nodes.append(other)
    landed = set()
    for seed in range(40):
        (first,), (again,) = (Cluster.load(nodes, seed=seed).place(pod) for _ in range(2))
        assert first == again
        assert first.ties == 8
        landed.add(first.node)
    # All but certain: each node is drawn once in eight.
    assert len(landed) >= 6
    assert Cluster.load(nodes).place(pod)[0].node == "n0"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 5000), min_size=1, max_size=6), st.lists(st.integers(0, 3000), max_size=12))
def test_no_node_is_overfull(allocatable: list[int], requests: list[int]) -> None:
    def quantities(milli: int) -> dict[str, str]:
        return {"cpu": f"{milli}m", "memory": "1Mi"}

    nodes = [
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": f"n{i}"},
            "status": {"allocatable": {"cpu": f"{milli}m", "memory": "1Gi", "pods": "110"}},
        }
        for i, milli in enumerate(allocatable)
    ]
    pods = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"p{i}"},
            "spec": {"containers": [{"name": "c", "image": "i", "resources": {"requests": quantities(milli)}}]},
        }
        for i, milli in enumerate(requests)
    ]
    if not pods:
        return
    placements = Cluster.load(nodes).place(pods)
    used = dict.fromkeys((f"n{i}" for i in range(len(nodes))), 0)
    for i, placement in enumerate(placements):
        assert placement.name == f"p{i}"
        if placement.node is not None:
            used[placement.node] += requests[i]
            assert used[placement.node] <= allocatable[int(placement.node[1:])]
        else:
            assert all(used[f"n{n}"] + requests[i] > milli for n, milli in enumerate(allocatable))
            assert placement.message.startswith(f"0/{len(nodes)} nodes are available: ")


def test_progress_and_interruption(node: dict[str, Any], pod: dict[str, Any]) -> None:
    node["status"]["allocatable"] = {"cpu": "1000000", "memory": "1000000Gi", "pods": "1000000"}
    cluster = Cluster.load(node)
    told: list[tuple[int, int]] = []

    def tell(done: int, of: int) -> None:
        # The cluster may be used meanwhile.
        assert cluster.nodes == ("n1",)
        cluster.upsert(node)
        told.append((done, of))
        if len(told) == 3:
            raise InterruptedError("enough")

    with pytest.raises(InterruptedError, match="enough"):
        cluster.fit(pod, limit=10_000_000, progress=tell)
    assert len(told) == 3
    assert told == sorted(told)
    assert {of for _, of in told} == {10_000_000}


def test_more_pods_than_may_be_made(node: dict[str, Any], pod: dict[str, Any]) -> None:
    cluster = Cluster.load(node)
    template = {"metadata": {"labels": {"a": "b"}}, "spec": pod["spec"]}
    spec = {"replicas": 2**31 - 1, "selector": {"matchLabels": {"a": "b"}}, "template": template}
    workload = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": spec}
    with pytest.raises(TooManyPodsError, match="it asks for 2147483647 pods, and no more than 1000000 may") as caught:
        cluster.place(workload)
    assert (caught.value.object, caught.value.field) == ("Deployment default/d", "spec.replicas")
    assert isinstance(caught.value, InputError)
    with pytest.raises(TooManyPodsError):
        cluster.place([pod, {**pod, "metadata": {"name": "q"}}], max_pods=1)
    assert len(cluster.place([pod, {**pod, "metadata": {"name": "q"}}], max_pods=2)) == 2

    def stop(done: int, of: int) -> None:
        assert (done, of) == (0, 2**31 - 1)
        raise InterruptedError("while they are made")

    with pytest.raises(InterruptedError, match="while they are made"):
        cluster.place(workload, max_pods=2**31, progress=stop)


def test_other_threads_run_meanwhile(node: dict[str, Any], pod: dict[str, Any]) -> None:
    node["status"]["allocatable"] = {"cpu": "1000000", "memory": "1000000Gi", "pods": "1000000"}
    cluster = Cluster.load(node)
    done = threading.Event()
    answers = []

    def ask() -> None:
        answers.append(cluster.fit(pod, limit=3000).replicas)
        done.set()

    thread = threading.Thread(target=ask)
    thread.start()
    turns = 0
    while not done.is_set():
        turns += 1
    thread.join()
    assert answers == [3000]
    assert turns > 100


def test_what_is_no_workload_of_the_input_is_taken_in(node: dict[str, Any], pod: dict[str, Any]) -> None:
    pod["spec"]["priorityClassName"] = "high"
    high = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "high"}, "value": 7}
    low = copy.deepcopy(pod)
    low["metadata"]["name"] = "low"
    del low["spec"]["priorityClassName"]
    placements = Cluster.load(node).place([low, pod, high])
    assert [placement.name for placement in placements] == ["p", "low"]
    with pytest.raises(InputError, match='pods "p" is forbidden: no PriorityClass with name high was found'):
        Cluster.load(node).place(pod)


@pytest.mark.parametrize("kind", ["Pod", "Deployment", "ReplicaSet", "StatefulSet", "Job", "CronJob"])
def test_live_workloads_keep_fields_that_no_scheduler_reads(kind: str) -> None:
    """The pods of a workload that an API server returned are not validated by the few fields that are read here."""
    mounts = [{"name": "d", "mountPath": "/d"}]
    spec: dict[str, Any] = {
        "containers": [{"name": "web", "image": "w", "volumeMounts": mounts, "resources": {"requests": {"cpu": "1"}}}],
        "volumes": [{"name": "d", "emptyDir": {}}],
    }
    if kind in ("Job", "CronJob"):
        spec["restartPolicy"] = "Never"
    template = {"metadata": {"labels": {"app": "web"}}, "spec": spec}
    version = {"Pod": "v1", "Job": "batch/v1", "CronJob": "batch/v1"}.get(kind, "apps/v1")
    own: dict[str, Any] = {"template": template, "selector": {"matchLabels": {"app": "web"}}}
    if kind == "Pod":
        own = spec
    elif kind == "Job":
        own = {"template": template}
    elif kind == "CronJob":
        own = {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": template}}}
    amounts = {"cpu": "2", "memory": "8Gi", "pods": "110"}
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1", "uid": "n"}, "status": {"allocatable": amounts}}
    for uid in ({"uid": "u"}, {}):
        metadata = {"name": "web", "namespace": "default", "labels": {"app": "web"}, **uid}
        workload = {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": own}
        cluster = Cluster.load(node)
        assert [item.node for item in cluster.place(workload)] == ["n1"], uid
        assert cluster.fit(workload).replicas == 2, uid


def test_evicted_pods_come_again_with_fields_that_no_scheduler_reads() -> None:
    amounts = {"cpu": "1", "memory": "8Gi", "pods": "110"}
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1", "uid": "n"}, "status": {"allocatable": amounts}}
    container = {"name": "c", "image": "i", "volumeMounts": [{"name": "d", "mountPath": "/d"}], "resources": {"requests": {"cpu": "1"}}}
    spec = {"containers": [container], "volumes": [{"name": "d", "emptyDir": {}}]}
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "low", "uid": "rs", "controller": True}
    low = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "low-1", "namespace": "default", "uid": "p", "labels": {"app": "low"}, "ownerReferences": [owner]},
        "spec": {**spec, "nodeName": "n1"},
        "status": {"phase": "Running"},
    }
    template = {"metadata": {"labels": {"app": "low"}}, "spec": spec}
    controller = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": "low", "namespace": "default", "uid": "rs"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "low"}}, "template": template},
    }
    first = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "high"}, "value": 1000}
    high = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "high"}, "spec": {**spec, "priorityClassName": "high"}}
    placed = Cluster.load([node, controller, low, first]).place(high)
    assert [eviction.pod for eviction in placed.evictions] == ["default/low-1"]
    assert placed.evictions[0].replaced_by is not None
