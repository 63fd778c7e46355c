"""Situations from public reports, in `tests/field`: what is right stands in the `README` of each folder."""

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from click.testing import CliRunner

from bayplan import Cluster
from bayplan.command import cli

FIELD = Path(__file__).parents[2] / "tests/field"


class Case(NamedTuple):
    """A command, run in a folder, and what it must say."""

    folder: str
    command: str
    code: int
    says: tuple[str, ...]


CASES = (
    Case("01", "place -c x1.json x1p.yaml", 3, ("1 Insufficient cpu",)),
    Case("03", "place -c x3.json x1p.yaml", 3, ("1 Insufficient cpu",)),
    Case("04", "place -c x6.json", 3, ("default     pend    Pending", "1 Insufficient cpu")),
    Case("04", "place -c y1.json", 0, ("Scheduled",)),
    Case("04", "place -c y1b.json y1p.yaml", 0, ("Scheduled",)),
    Case("04", "place -c y2.json", 0, ("Scheduled",)),
    Case("04", "place -c y2b.json y2p.yaml", 0, ("Scheduled",)),
    Case("06", "place -c n2.json np.yaml", 0, ("not in the input: Namespace b",)),
    Case("07", "place -c three.json d1.yaml", 2, ('unknown field "spec.template.spec.containers[0].resources.cpu"',)),
    Case("07", "place -c three.json k6p.yaml", 2, ('"spec.nodeselector"', '"spec.toleration"', '"spec.priorityClass"')),
    Case("07", "place -c three.json k7d.yaml", 2, ('"spec.nodeSelector"', '"spec.template.tolerations"')),
    Case("08", "fit -c s1.json -c s1new.yaml s1p.yaml", 0, ("2 more replicas fit", "DaemonSet kube-system/agent lacks pods on new1")),
    Case("09", "place -c s1.json", 0, ("Deployment default/web has 0 of 3 pods", "the workload's manifest")),
    Case("09", "place -c s1.json s1.json", 0, ("All 3 pods are placed",)),
    Case("10", "place -c q2.json o6p.yaml", 0, ("task   Scheduled",)),
    Case("10", "place -c q1.json n5p.yaml", 3, ("not in the input: the volume that ebs.csi.aws.com makes at once",)),
    Case("10", "fit -c q1.json n5p.yaml", 3, ("not in the input: the volume that ebs.csi.aws.com makes at once",)),
    Case("11", "place -c o3.json", 3, ("not in the input: PersistentVolumeClaim default/data",)),
    Case("11", "place -c short.json w1.yaml", 3, ("not in the input: PersistentVolumeClaim default/db-data",)),
    Case("11", "place -c three.json n5p.yaml", 3, ("not in the input: StorageClass gp3",)),
    Case("12", "place -c t6.json t6norep.yaml", 0, ("All 2 pods are placed", "3 of its 5 pods exist already")),
    Case("12", "place -c t6.json t6same.yaml", 0, ("All 2 pods are placed", "3 of its 5 pods exist already")),
    # The quota lets one pod in.
    Case("14", "place -c l5.json l5p.yaml", 4, ("2 of 3 pods are refused", "exceeded quota: rq")),
    Case("15", "place -c e5.json e5f.yaml", 2, ("must be an integer",)),
    Case("15", "place -c e5.json e5g.yaml", 2, ("Limit must be set for non overcommitable resources",)),
    Case("15", "place -c e5.json e5h.yaml", 2, ("must be equal to nvidia.com/gpu limit",)),
    Case("15", "place -c e5.json e5i.yaml", 2, ("HugePages require cpu or memory",)),
    Case("15", "place -c e5.json e5j.yaml", 2, ("must be less than or equal to cpu limit",)),
    Case("17", "place -c i2.json web.yaml", 3, ("Node bare has no status.allocatable.pods, so no pod fits",)),
    Case("17", "place -c i3.json web.yaml", 0, ("All 2 pods are placed",)),
    Case("17", "place -c i4.json web.yaml", 3, ("Node nopods has no status.allocatable.pods, so no pod fits",)),
    Case("18", "place -c three.json d2.yaml", 3, ("3 Insufficient cpu", "the last value is taken")),
    Case("19", "place -c three.json web.yaml --config c07.yaml", 2, ("c07.yaml", "ConfigMap kube-system/my-sched-config, data.scheduler-config.yaml")),
    Case("19", "place -c three.json web.yaml --config c09.yaml", 2, ("c09.yaml", "SchedulerConfiguration upstream, spec.rawConfig")),
    Case("19", "place -c three.json web.yaml --config c10.yaml", 2, ("c10.yaml", "unrendered template")),
    Case("19", "place -c three.json web.yaml --config c15.json", 2, ("c15.json", "Policy of v1", "kubescheduler.config.k8s.io/v1")),
    Case("19", "place -c three.json web.yaml --config c02.yaml", 2, ("c02.yaml: apiVersion", "v1beta3")),
    Case("19", "place -c three.json web.yaml --config c06.json", 2, ("c06.json: apiVersion", "v1beta2")),
    Case("20", "place -c three.json n8p.yaml", 4, ("1 Rollout (argoproj.io/v1alpha1) left out: the kind makes pods",)),
    Case("20", "place -c l1.json l1p.yaml", 4, ("rule not applied: DynamicResources",)),
    Case("22", "place -c v1.json v1p.yaml", 2, ("the input holds no PriorityClass at all", "kubectl get priorityclasses")),
    Case("22", "place -c short.json e3q.yaml", 2, ("the input holds no RuntimeClass at all", "kubectl get runtimeclasses")),
    Case("24", "place -c t7.json web.yaml", 0, ("nodes run 1.34, decided as 1.37 (--kubernetes-version)",)),
    Case("24", "place -c l2.json l2p.yaml --kubernetes-version 1.34", 3, ("fits2   Scheduled",)),
    Case("24", "place -c l2.json l2p.yaml --kubernetes-version 1.36", 3, ("fits2   Pending",)),
)


def folder(number: str) -> Path:
    return next(FIELD.glob(f"{number}-*"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.folder} {case.command}")
def test_report(case: Case) -> None:
    home = Path.cwd()
    os.chdir(folder(case.folder))
    try:
        result = CliRunner().invoke(cli, case.command.split())
    finally:
        os.chdir(home)
    said = result.stdout + result.stderr
    assert result.exit_code == case.code, said
    for words in case.says:
        assert words in said, said


@pytest.mark.parametrize("path", sorted(folder("15").glob("val/*")), ids=lambda path: path.name)
def test_invalid_pods_are_refused(path: Path) -> None:
    result = CliRunner().invoke(cli, ["place", "-c", str(folder("15") / "three.json"), str(path)])
    assert result.exit_code == 2, result.stdout


def test_a_pod_counts_the_same_however_it_comes_in() -> None:
    def pod(name: str, **resources: Any) -> dict[str, Any]:
        container = {"name": "c", "image": "x", "resources": resources}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": [container]}}

    amounts = {"cpu": "4", "memory": "8Gi", "pods": "110"}
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}, "status": {"allocatable": amounts}}
    running = pod("run", limits={"cpu": "3"})
    bound = json.loads(json.dumps(running))
    bound["spec"]["nodeName"] = "n1"
    new = pod("new", requests={"cpu": "2"})
    loaded, changed = Cluster.load([node, bound]), Cluster.load([node])
    changed.upsert(bound)
    placed = Cluster.load([node]).place(running).cluster
    answers = [[item.message for item in cluster.place(new)] for cluster in (loaded, changed, placed)]
    assert "Insufficient cpu" in answers[0][0]
    assert answers[0] == answers[1] == answers[2]


def test_none_among_objects_is_an_empty_document() -> None:
    documents = yaml.safe_load_all((folder("25") / "d14.yaml").read_text())
    assert Cluster.load(folder("25") / "three.json").place(documents)
