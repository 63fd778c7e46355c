"""Explanations and fits, against what the real kube-scheduler decides."""

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest
import yaml

from bayplan import Cluster, Explanation, Fit, InputError

Steps = dict[str, list[dict[str, Any]]]


@pytest.fixture
def wishlist(workloads: Path) -> dict[str, Any]:
    documents = yaml.safe_load_all(workloads.read_text())
    (found,) = [d for d in documents if d["kind"] == "Deployment" and d["metadata"]["name"] == "wishlist"]
    deployment: dict[str, Any] = found
    return deployment


@pytest.mark.parametrize("version", ["1.34", "1.35", "1.36", "1.37"])
def test_why_says_what_kube_scheduler_says(dump: Path, workloads: Path, expected: Steps, version: str) -> None:
    steps = {step["pod"]: step for step in expected[version]}
    before = Cluster.load(dump, version=version)
    placements = before.place(workloads)
    # The first pod was decided before any other was bound.
    first = placements[0]
    alone = before.place(workloads).cluster
    for placement in placements:
        alone.delete("Pod", placement.name, placement.namespace)
    ledger = placements.cluster.why(next(p for p in placements.pending if p.name.startswith("ledger")))
    step = steps[ledger.pod]
    assert ledger.outcome == step["result"] == "Unschedulable"
    assert ledger.message == step["message"]
    assert ledger.node is None
    rejected = {name: verdict for name, verdict in ledger.verdicts.items() if not verdict.feasible}
    assert {name: (v.rule, v.code, list(v.reasons)) for name, v in rejected.items()} == {
        name: (found["plugin"], found["code"], found["reasons"]) for name, found in step["filtered"].items()
    }
    assert all(verdict.all[0].rule == verdict.rule for verdict in rejected.values())
    assert first.pod in steps


def test_scores_of_a_pod_that_is_placed(cluster: Cluster, workloads: Path, expected: Steps) -> None:
    objects = [d for d in yaml.safe_load_all(workloads.read_text()) if d["metadata"]["name"] == "wishlist"]
    objects[1]["spec"]["replicas"] = 1
    placements = cluster.place(objects)
    (step,) = [step for step in expected["1.37"] if step["pod"].endswith("-00001") and "wishlist" in step["pod"]]
    why = placements.cluster.why(placements[0])
    assert why.node == step["node"]
    assert list(why.best) == step["best"]
    feasible = {name: verdict for name, verdict in why.verdicts.items() if verdict.feasible}
    assert list(feasible) == step["feasible"]
    assert {name: dict(verdict.scores) for name, verdict in feasible.items()} == step["scores"]
    assert {name: verdict.total for name, verdict in feasible.items()} == step["totals"]
    frame = why.to_pandas().set_index("node")
    assert frame.loc[step["node"], "total"] == step["totals"][step["node"]]
    assert len(frame) == len(cluster.nodes)
    assert why.to_polars()["node"].to_list() == list(why.verdicts)
    for shown in (repr(why), why._repr_html_()):
        assert f"The pod is on node {step['node']}; this is how it would be placed again." in shown
        assert shown.count("NodeResourcesBalancedAllocation") == 1


def test_an_explanation_is_pickled_whole(cluster: Cluster) -> None:
    why = cluster.why(cluster.pending[0])
    other: Explanation = pickle.loads(pickle.dumps(why))
    assert other == why
    assert hash(other) == hash(why)
    assert repr(other) == repr(why)
    assert other.verdicts == why.verdicts
    document = why.to_dict()
    document.clear()
    assert why.to_dict()["kind"] == "Explanation"


def test_why_of_a_name_alone(node: dict[str, Any], pod: dict[str, Any]) -> None:
    pod["metadata"]["namespace"] = "shop"
    cluster = Cluster.load([node, pod])
    assert cluster.why("p", namespace="shop").pod == "shop/p"
    with pytest.raises(KeyError):
        cluster.why("p")


def test_the_numbers_behind_a_reason(node: dict[str, Any], pod: dict[str, Any]) -> None:
    pod["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "5"
    why = Cluster.load([node, pod]).why("p")
    (detail,) = why.verdicts["n1"].details
    # It asks for 5 CPUs where there are 4.
    assert "5" in detail
    assert "4" in detail
    assert why.to_pandas()["details"].tolist() == [detail]


def test_a_gated_pod(node: dict[str, Any], pod: dict[str, Any]) -> None:
    pod["spec"]["schedulingGates"] = [{"name": "example.com/wait"}]
    why = Cluster.load([node, pod]).why("default/p")
    assert (why.outcome, why.node) == ("Gated", None)
    assert "example.com/wait" in why.message


@pytest.mark.parametrize("version", ["1.34", "1.35", "1.36", "1.37"])
def test_as_many_fit_as_kube_scheduler_places(
    dump: Path, workloads: Path, wishlist: dict[str, Any], expected: Steps, version: str
) -> None:
    placements = Cluster.load(dump, version=version).place(workloads)
    steps = expected[version][len(placements) :]
    failed = next(i for i, step in enumerate(steps) if step["result"] == "Unschedulable")
    fit = placements.cluster.fit(wishlist)
    landed = [step["node"] for step in steps[:failed]]
    assert fit.replicas == len(landed) > 0
    assert not fit.limit_reached
    assert dict(fit.by_node) == {node: landed.count(node) for node in landed}
    assert fit.stopped_by == steps[failed]["message"]
    counted = sorted(f"{count} {reason}" for reason, count in fit.reasons.items())
    assert fit.stopped_by == f"0/32 nodes are available: {', '.join(counted)}."
    assert fit.next is not None
    assert fit.next.outcome == "Unschedulable"
    assert fit.to_pandas()["replicas"].sum() == fit.replicas
    assert fit.to_polars()["node"].to_list() == list(fit.by_node)
    other: Fit = pickle.loads(pickle.dumps(fit))
    assert other == fit
    assert repr(other) == repr(fit)
    assert fit._repr_html_() == other._repr_html_()


def test_html_has_what_the_table_has(node: dict[str, Any], pod: dict[str, Any]) -> None:
    pod["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "5"
    node["spec"] = {"taints": [{"key": "only", "value": "<others>", "effect": "NoSchedule"}]}
    # No API server would take this value; a server that did is believed.
    node["metadata"]["uid"] = "n"
    why = Cluster.load([node, pod]).why("p")
    html = why._repr_html_()
    assert "<th>WHY</th><th>WHICH</th>" in html
    # The taint comes first; that the CPU is short stands behind it.
    assert "<td>TaintToleration</td>" in html
    assert "lacks 1 cpu, and is rejected by TaintToleration" in html
    assert "lacks 1 cpu, and is rejected by TaintToleration" in why.to_text()
    assert "NodeResourcesFit" in why.to_text(wide=True)
    assert "<others>" not in html
    fit = Cluster.load(node).fit(pod)
    assert "<td>1</td><td>node(s) had untolerated taint(s)</td>" in fit._repr_html_()


def test_a_limit_ends_a_fit(node: dict[str, Any], pod: dict[str, Any]) -> None:
    cluster = Cluster.load(node)
    assert cluster.fit(pod).replicas == 4
    assert cluster.fit(pod).reasons == {"Insufficient cpu": 1}
    fit = cluster.fit(pod, limit=3)
    assert (fit.replicas, fit.limit_reached, fit.next, fit.stopped_by) == (3, True, None, "")
    assert cluster.pending == ()


def test_a_fit_is_of_one_workload(node: dict[str, Any], pod: dict[str, Any]) -> None:
    cluster = Cluster.load(node)
    other = copy.deepcopy(pod)
    other["metadata"]["name"] = "q"
    with pytest.raises(InputError, match="there are 2 workloads to fit, Pod default/p to Pod default/q; name one"):
        cluster.fit([pod, other])
    with pytest.raises(InputError, match=r"there is no workload in it, only 1 Node \(v1\)"):
        cluster.fit(node)
    with pytest.raises(InputError, match="there is no workload to fit"):
        cluster.fit([])


def test_a_fit_of_a_name(cluster: Cluster, workloads: Path, wishlist: dict[str, Any]) -> None:
    want = cluster.fit(wishlist)
    assert cluster.fit(workloads, name="wishlist") == want
    assert cluster.fit(workloads, name="deployment/wishlist") == want
    for kind in ("deploy", "deployments", "deployment.apps", "Deployment"):
        assert cluster.fit(workloads, name=f"{kind}/wishlist") == want
    assert cluster.fit(workloads, name="shop/wishlist") == want
    assert cluster.fit(workloads, name="shop/deploy/wishlist") == want
    with pytest.raises(KeyError, match="there is no workload web; there are shop/wishlist"):
        cluster.fit(workloads, name="web")
    with pytest.raises(InputError, match="leave one of the two out"):
        cluster.fit(workloads, name="shop/wishlist", namespace="data")
    with pytest.raises(KeyError, match="there is no workload job/wishlist"):
        cluster.fit(workloads, name="job/wishlist")
    after = cluster.place(workloads).cluster
    with pytest.raises(InputError, match="name one"):
        after.fit()
    again = after.fit(name="wishlist", namespace="shop")
    assert again == after.fit(wishlist)
    assert 0 < again.replicas < want.replicas
    with pytest.raises(KeyError, match="no workload wishlist in namespace data; there is Deployment shop/wishlist"):
        after.fit(name="wishlist", namespace="data")
