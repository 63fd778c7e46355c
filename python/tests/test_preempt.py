"""Preemption from Python and the command: whom a plan evicts, and how that is shown."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from click.testing import CliRunner

from bayplan import Cluster
from bayplan.command import cli


def pod(name: str, priority: int, cpu: str, node: str | None = None) -> dict[str, Any]:
    """A pod as the API server gives it."""
    spec: dict[str, Any] = {
        "schedulerName": "default-scheduler",
        "priority": priority,
        "containers": [{"name": "c", "resources": {"requests": {"cpu": cpu}}}],
    }
    status: dict[str, Any] = {"phase": "Pending"}
    if node:
        spec["nodeName"] = node
        status = {"phase": "Running", "startTime": "2024-01-01T00:00:00Z"}
    meta = {"name": name, "namespace": "default", "uid": name}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": status}


NODE = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "a", "uid": "a"},
    "status": {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}},
}
OBJECTS = [NODE, pod("low", 0, "4", "a"), pod("high", 10, "3")]
#: kube-scheduler's own words, as the vectors have them.
FOUND = "preemption: found a potential placement for pod on node a, preempting 1 victims"


@pytest.fixture
def contested() -> Cluster:
    return Cluster.load(OBJECTS)


def test_a_plan_evicts_and_tells(contested: Cluster) -> None:
    placements = contested.place()
    assert [(p.pod, p.node) for p in placements] == [("default/high", "a")]
    (eviction,) = placements.evictions
    assert (eviction.pod, eviction.node, eviction.priority, eviction.by, eviction.replaced_by) == (
        "default/low", "a", 0, "default/high", None,
    )  # fmt: skip
    assert repr(placements).startswith("1 pod of lower priority is evicted to make room for 1 pod.\n")
    assert pickle.loads(pickle.dumps(placements)).evictions == placements.evictions
    assert placements.to_dict()["summary"]["evicted"] == 1
    assert contested.pods_on("a") == ("default/low",), "the cluster that was asked is as it was"


def test_nobody_is_evicted_without_preemption(contested: Cluster) -> None:
    placements = contested.place(preemption=False)
    assert placements.evictions == ()
    assert placements[0].node is None and placements[0].preemption is None
    assert contested.why("default/high", preemption=False).preemption is None


def test_why_names_the_victims(contested: Cluster) -> None:
    why = contested.why("default/high")
    assert why.preemption is not None and why.preemption.victims == ("default/low",)
    assert why.placement.event == f"0/1 nodes are available: 1 Insufficient cpu. {FOUND}"
    again = pickle.loads(pickle.dumps(why))
    assert again.preemption == why.preemption


def test_a_dry_run_and_the_real_thing(contested: Cluster) -> None:
    weighed = contested.preempt("high")
    assert weighed is not None
    assert [(c.node, c.victims, c.violations) for c in weighed.candidates] == [("a", ("default/low",), 0)]
    assert contested.pods_on("a") == ("default/low",)
    done = contested.preempt("high", dry_run=False)
    assert done == weighed
    assert contested.pods_on("a") == ()
    assert contested.preempt("high") is None, "it fits now"


def test_a_preemption_is_a_table_of_its_candidates(contested: Cluster) -> None:
    found = contested.preempt("high")
    assert found is not None
    table = found._repr_html_()
    assert "<td>a</td><td>default/low</td><td>0</td>" in table and "evicts from a" in table
    assert table in found.plot().to_html()


def test_fit_evicts_when_asked(contested: Cluster) -> None:
    template = pod("more", 10, "1")
    assert contested.fit(template).replicas == 0
    fit = contested.fit(template, preemption=True)
    assert (fit.replicas, [eviction.pod for eviction in fit.evictions]) == (4, ["default/low"])


def test_the_command(contested: Cluster, tmp_path: Any) -> None:
    dump = tmp_path / "dump.json"
    dump.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": OBJECTS}))
    run = CliRunner().invoke(cli, ["place", "-c", str(dump)])
    assert run.exit_code == 0, run.output
    assert run.output.splitlines()[0] == "1 pod of lower priority is evicted to make room for 1 pod."
    assert CliRunner().invoke(cli, ["place", "-c", str(dump), "--no-preemption"]).exit_code == 3
    why = CliRunner().invoke(cli, ["why", "-c", str(dump), "high"])
    assert FOUND in " ".join(why.output.split())
    without = CliRunner().invoke(cli, ["why", "-c", str(dump), "--no-preemption", "high"])
    assert "preemption" not in without.output
