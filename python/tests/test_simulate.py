"""What becomes of a cluster: rollouts, pods that are lacking, exit codes."""

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bayplan import Cluster, TooManyPodsError
from bayplan.command import cli


def deployment(cpu: str, replicas: int = 3) -> dict[str, Any]:
    container = {"name": "c", "image": "i", "resources": {"requests": {"cpu": cpu}}}
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
    }


def test_a_rollout_is_played(node: dict[str, Any]) -> None:
    start = Cluster.load(node).simulate(deployment("1"))
    assert [pod.node for pod in start.pods] == ["n1"] * 3
    assert start.applied == (("Deployment", "default/web", "created"),)
    assert not start.gone and not start.pending and not start.left_out
    rolled = start.cluster.simulate(deployment("900m"))
    assert [gone.why for gone in rolled.gone] == ["Deleted"] * 3
    assert {gone.node for gone in rolled.gone} == {"n1"}
    assert len(rolled.placed) == 3
    # The question leaves the cluster as it is.
    assert len(start.cluster.pods_on("n1")) == 3
    assert "Deployment default/web configured" in repr(rolled)
    again = pickle.loads(pickle.dumps(rolled))
    assert again == rolled and repr(again) == repr(rolled)
    assert copy.copy(rolled).gone == rolled.gone


def test_placing_points_to_it(node: dict[str, Any]) -> None:
    start = Cluster.load(node).place(deployment("1")).cluster
    placed = start.place(deployment("900m"))
    assert any("simulate plays the rollout" in words for words in placed.left_out)


def test_no_end_is_not_waited_for(node: dict[str, Any]) -> None:
    with pytest.raises(TooManyPodsError):
        Cluster.load(node).simulate(deployment("1"), max_pods=2)

    def stop(done: int, of: int) -> None:
        raise InterruptedError

    node["status"]["allocatable"].update(pods="100000", cpu="100000")
    with pytest.raises(InterruptedError):
        Cluster.load(node).simulate(deployment("1m", 50_000), progress=stop)


def test_exit_codes(node: dict[str, Any], tmp_path: Path) -> None:
    def write(name: str, *objects: dict[str, Any]) -> str:
        path = tmp_path / name
        path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
        return str(path)

    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "q", "namespace": "default"},
        "spec": {"hard": {"pods": "2"}},
    }
    nodes, small, large = write("nodes", node), write("small", deployment("1")), write("large", deployment("3"))
    limited = write("limited", node, quota)

    def code(*arguments: str) -> int:
        return CliRunner().invoke(cli, ["simulate", *arguments]).exit_code

    assert code("-c", nodes, small) == 0
    assert code("-c", nodes, large) == 3
    assert code("-c", limited, small) == 4
    broken = deployment("1")
    broken["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    assert code("-c", nodes, write("broken", broken)) == 2
