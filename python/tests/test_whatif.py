"""What-if questions: changes as values, the loss of domains, drains, nodes that can go, sweeps on any executor."""

import gzip
import json
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import distributed
import pandas
import polars
import pyarrow  # type: ignore[import-untyped]
import pytest
from click.testing import CliRunner, Result

from bayplan import DUMP_COMMAND, Change, Cluster, InputError, NotFoundError, Scenario
from bayplan.command import cli

ZONE = "topology.kubernetes.io/zone=zone-b"
SCENARIOS = Path(__file__).parent / "scenarios.yaml"


def run(*args: object) -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args])


@pytest.fixture(scope="module")
def city() -> Cluster:
    return Cluster.load(Path(__file__).parents[2] / "examples/city.json")


def test_changes_are_values() -> None:
    changes = [
        Change.without_nodes("zone=b"),
        Change.unreachable_nodes("n1"),
        Change.drain("n1", force=True, timeout=20),
        Change.cordon("n1"),
        Change.uncordon("n1"),
        Change.taint("n1", "a=b:NoSchedule"),
        Change.label("n1", "a=b", "c-"),
        Change.add_nodes(2, resources={"cpu": 16, "memory": "64Gi"}, zones=["a", "b"]),
        Change.resize_nodes("n1", {"cpu": 8}),
        Change.scale("shop/ads", 12),
        Change.set_requests("ads", {"cpu": "500m"}, namespace="shop", container="main"),
        Change.delete("deploy/ads", namespace="shop"),
        Change.version("1.36"),
    ]
    for change in changes:
        assert Change.of(change.to_dict()) == change
        assert pickle.loads(pickle.dumps(change)) == change
        name, _, text = str(change).removeprefix("--").partition(" ")
        assert str(Change.option(name, text.strip("'"))) == str(change)
    assert len(set(changes)) == len(changes)
    assert str(changes[9]) == "--scale shop/ads=12"
    with pytest.raises(InputError, match="did you mean withoutNodes"):
        Change.of({"without_nodes": "x"})
    with pytest.raises(TypeError):
        Change()


def test_manifests_travel_with_the_change(tmp_path: Path, city: Cluster) -> None:
    manifest = tmp_path / "p.yaml"
    manifest.write_text(
        "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: shop}, spec: {containers: [{name: c, image: i}]}}"
    )
    change = Change.apply(manifest)
    manifest.unlink()
    assert [pod.name for pod in city.what_if(pickle.loads(pickle.dumps(change))).placed] == ["p"]
    assert str(change) == f"--apply {manifest}"


def test_a_zone_that_is_lost(city: Cluster) -> None:
    before = city.pods_on("worker-01")
    lost = city.what_if(Change.without_nodes(ZONE))
    assert lost.changes == (f"--without-nodes {ZONE}",)
    assert len(lost.cluster.nodes) < len(city.nodes)
    assert city.pods_on("worker-01") == before
    by_name = {f"{row.namespace}/{row.name}": row for row in lost.workloads}
    assert by_name["shop/ads"].moved > 0
    for row in lost.workloads:
        if row.kind in ("Deployment", "StatefulSet"):
            assert row.wanted == row.after + row.missing
    fail = city.fail("zone")
    assert not fail.survives
    assert [one.domains for one in fail.failures] == [("zone-a",), ("zone-b",), ("zone-c",)]
    same = next(one for one in fail.failures if one.domains == ("zone-b",))
    assert same.totals == lost.totals
    assert fail.worst is not None and fail.worst.totals.newly_missing >= same.totals.newly_missing
    # What comes of the changes alone, whatever order they are given in as options.
    command = run("fail", "-c", Path(__file__).parents[2] / "examples/city.json", "--by", "zone", "-o", "json")
    assert command.exit_code == 3
    assert json.loads(command.stdout) == fail.to_dict()
    assert len(city.fail("zone", pairs=True).failures) == 6
    with pytest.raises(NotFoundError, match="rack"):
        city.fail("rack")


def test_the_order_of_options_is_kept(dump: Path) -> None:
    # A node that is cordoned and let in again, and the other way round.
    last = run(
        "simulate",
        "-c",
        dump,
        "--cordon",
        "worker-00",
        "--uncordon",
        "worker-00",
        "--scale",
        "shop/ads=13",
        "-o",
        "json",
    )
    changes = json.loads(last.stdout)["changes"]
    assert changes == ["--cordon worker-00", "--uncordon worker-00", "--scale shop/ads=13"]
    other = run(
        "simulate",
        "-c",
        dump,
        "--scale",
        "shop/ads=13",
        "--uncordon",
        "worker-00",
        "--cordon",
        "worker-00",
        "-o",
        "json",
    )
    assert json.loads(other.stdout)["changes"] == ["--scale shop/ads=13", "--uncordon worker-00", "--cordon worker-00"]


def test_drains_say_what_kubectl_says(city: Cluster, dump: Path) -> None:
    drain = city.drain("worker-01", ignore_daemonsets=True, delete_emptydir_data=True)
    assert drain.is_drained
    assert drain.lines[0] == "node/worker-01 cordoned"
    assert drain.lines[-1] == "node/worker-01 drained"
    evicted = {line.removeprefix("pod/").removesuffix(" evicted") for line in drain.lines if line.endswith(" evicted")}
    gone = {gone.pod.split("/")[1] for gone in drain.gone if gone.why == "Evicted"}
    assert evicted == gone and gone
    refused = run("drain", "-c", dump, "worker-01", "--timeout=5s")
    assert refused.exit_code == 3
    assert "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)" in refused.stdout
    assert run("drain", "-c", dump).exit_code == 2
    assert run("drain", "-c", dump, "no-such-node").exit_code == 2
    assert run("drain", "-c", dump, "node/highmem-0", "--ignore-daemonsets").exit_code == 0


def test_nodes_that_can_go(city: Cluster, dump: Path, tmp_path: Path) -> None:
    shrink = city.shrink()
    assert shrink.emptied and shrink.kept
    assert len(shrink.emptied) + len(shrink.kept) == len(city.nodes)
    prices = tmp_path / "prices.csv"
    prices.write_text("name,price\nworker-*,0.5\nhighmem-3,2\n")
    command = run("shrink", "-c", dump, "--prices", prices, "--nodes", "worker-24,worker-25,highmem-3", "-o", "json")
    document = json.loads(command.stdout)
    assert [one["node"] for one in document["emptied"]][0] == "highmem-3"
    assert document["summary"]["saved"] == pytest.approx(3.0)
    prices.write_text("instance,cost\na,1\n")
    assert run("shrink", "-c", dump, "--prices", prices).exit_code == 2


def test_records_and_frames(city: Cluster) -> None:
    node = city.nodes[0]
    assert node in city.nodes and node.name in city.nodes.names
    assert city.nodes[node.name] == node and city.workloads["shop/ads"].name == "ads"
    assert city.pods_on(node) == city.pods_on(node.name)
    assert node.resources["cpu"].free == node.resources["cpu"].allocatable - node.resources["cpu"].requested
    assert sum(row.pods for row in city.nodes) == sum(pod.node is not None for pod in city.pods)
    ads = next(row for row in city.workloads if row.name == "ads")
    assert (ads.kind, ads.wanted, ads.ready) == ("Deployment", 12, 12)
    assert sum(pod.workload == "Deployment/ads" for pod in city.pods) == 12
    assert city.get("deploy", "ads", "shop")["spec"]["replicas"] == 12
    with pytest.raises(NotFoundError):
        city.get("deploy", "no-such", "shop")
    frame = city.pods.to_pandas()
    assert isinstance(frame, pandas.DataFrame) and len(frame) == len(city.pods)
    assert city.workloads.to_polars().height == len(city.workloads)
    # Whatever takes Arrow's C stream takes them.
    assert pyarrow.table(city.nodes).num_rows == len(city.nodes)
    assert polars.DataFrame(city.nodes)["name"].to_list() == list(city.nodes.names)


def test_several_workloads(city: Cluster) -> None:
    apart = city.fit_several(names=["shop/ads", "shop/cart"])
    assert [item.replicas for item in apart.items] == [
        city.fit(name=name, namespace="shop").replicas for name in ("ads", "cart")
    ]
    in_turn = city.fit_several(names=["shop/ads", "shop/cart"], together="in-turn")
    assert in_turn.items[0].replicas == apart.items[0].replicas
    assert in_turn.items[1].replicas <= apart.items[1].replicas
    bundle = city.fit_several(names={"shop/ads": 3, "shop/cart": 2}, together="bundle")
    assert bundle.bundles
    assert [item.replicas for item in bundle.items] == [3 * bundle.bundles, 2 * bundle.bundles]
    assert any(item.stopped_by for item in bundle.items)
    # That many whole bundles can really be placed, and one more cannot.
    scaled = [Change.scale("shop/ads", 12 + 3 * bundle.bundles), Change.scale("shop/cart", 9 + 2 * bundle.bundles)]
    assert city.what_if(scaled, preemption=False).totals.newly_missing == 0
    more = [Change.scale("shop/ads", 15 + 3 * bundle.bundles), Change.scale("shop/cart", 11 + 2 * bundle.bundles)]
    assert city.what_if(more, preemption=False).totals.newly_missing > 0


def scenarios(city: Cluster) -> list[Scenario]:
    made = [Scenario.of(f"without {node.name}", Change.without_nodes(node.name)) for node in city.nodes]
    return [*made, Scenario.of("wrong", Change.cordon("no-such-node"))]


def test_a_sweep_is_the_same_on_any_executor(city: Cluster) -> None:
    given = scenarios(city)
    plain = city.sweep(given)
    assert [row.scenario for row in plain] == [scenario.name for scenario in given]
    assert plain[-1].error and "no-such-node" in plain[-1].error
    alone = city.fail("node")
    assert [row.totals for row in plain[:-1]] == [one.totals for one in alone.failures]
    with ProcessPoolExecutor(2) as processes:
        assert city.sweep(given, executor=processes).to_dict() == plain.to_dict()
    told: list[int] = []
    city.sweep(given, progress=lambda done, of: told.append(done))
    assert told[-1] == len(given)


class Dying(Executor):
    """Loses the first task that it is given."""

    def __init__(self) -> None:
        self.lost = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        if self.lost == 0:
            self.lost += 1
            future.set_exception(ConnectionError("the worker died"))
            return future
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def test_a_worker_that_dies_loses_nothing(city: Cluster) -> None:
    given = scenarios(city)
    dying = Dying()
    assert city.sweep(given, executor=dying).to_dict() == city.sweep(given).to_dict()
    assert dying.lost == 1


def test_assertions_decide_the_exit_code(dump: Path, tmp_path: Path) -> None:
    swept = run("sweep", "-c", dump, SCENARIOS, "-o", "json")
    assert swept.exit_code == 2  # one of them names a node that is not there
    rows = {row["scenario"]: row for row in json.loads(swept.stdout)["scenarios"]}
    assert all(check["holds"] for check in rows["nothing"]["assert"])
    assert [check["holds"] for check in rows["without zone b"]["assert"]] == [True, False, True]
    good = tmp_path / "good.yaml"
    good.write_text(
        "apiVersion: bayplan/v1\nkind: Scenarios\nscenarios:\n- {name: a, changes: [], assert: [{count: newlyMissing}]}\n"
    )
    assert run("sweep", "-c", dump, good).exit_code == 0
    bad = tmp_path / "bad.yaml"
    bad.write_text(good.read_text().replace("newlyMissing", "missing"))
    assert run("sweep", "-c", dump, bad).exit_code == 3
    assert "9 pods are missing, and 0 may be" in run("sweep", "-c", dump, bad).stdout
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(good.read_text().replace("changes: []", "changes: [{cordn: x}]"))
    failed = run("sweep", "-c", dump, wrong)
    assert failed.exit_code == 2 and "scenarios[0].changes[0]" in failed.stderr


def test_an_interrupt_ends_it(dump: Path, tmp_path: Path) -> None:
    # Each pair of 200 nodes, so that there is something to interrupt.
    city = json.loads(dump.read_text())
    node = next(item for item in city["items"] if item["metadata"]["name"] == "worker-00")
    for number in range(200):
        labels = node["metadata"]["labels"] | {"kubernetes.io/hostname": f"more-{number}"}
        metadata = node["metadata"] | {"name": f"more-{number}", "uid": f"more-{number}", "labels": labels}
        city["items"].append(node | {"metadata": metadata})
    large = tmp_path / "large.json"
    large.write_text(json.dumps(city))
    command = [sys.executable, "-P", "-m", "bayplan", "fail", "-c", str(large), "--by", "node", "--pairs"]
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Whoever runs the tests in the background has interrupts ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as running:
        time.sleep(1.5)
        assert running.poll() is None, "it was over before it could be interrupted"
        begun = time.monotonic()
        running.send_signal(signal.SIGINT)
        running.wait(timeout=20)
        # Python's own end takes its time on a loaded machine; a test is no stopwatch.
        assert time.monotonic() - begun < 5
        assert running.returncode in (130, -signal.SIGINT)


def test_forms(dump: Path) -> None:
    table = run("fail", "-c", dump, "--by", "zone", "-o", "csv").stdout.splitlines()
    assert table[0].startswith("fails,nodes,moved") and len(table) == 4
    assert "| zone-b |" in run("fail", "-c", dump, "--by", "zone", "-o", "markdown").stdout
    assert run("nodes", "-c", dump, "-o", "html").stdout.startswith("<!doctype html>")
    first = list(json.loads(run("nodes", "-c", dump, "-o", "json").stdout))
    assert first[:2] == ["apiVersion", "kind"]


def test_a_scrubbed_dump_decides_as_the_original(dump: Path, tmp_path: Path, city: Cluster) -> None:
    file = tmp_path / "scrubbed.json.gz"
    assert run("dump", "--scrub", "--from", dump, file).exit_code == 0
    text = gzip.decompress(file.read_bytes()).decode()
    for word in ("checkout", "frontend", "registry", "postgres"):
        assert word in dump.read_text() and word not in text
    scrubbed = Cluster.load(file)
    nodes = dict(zip(city.nodes.names, scrubbed.nodes.names))
    assert len(nodes) == len(city.nodes)
    # Pods and nodes have other names, and the same order.
    pods = {f"{a.namespace}/{a.name}": f"{b.namespace}/{b.name}" for a, b in zip(city.pods, scrubbed.pods)}
    for before, after in zip(city.pending, scrubbed.pending):
        one, other = city.why(before), scrubbed.why(after)
        assert pods[before] == after
        assert one.message == other.message
        assert {nodes[node] for node in one.verdicts} == set(other.verdicts)
    bound = [pod for pod in city.pods if pod.node][::7]
    for pod in bound:
        one, other = city.why(f"{pod.namespace}/{pod.name}"), scrubbed.why(pods[f"{pod.namespace}/{pod.name}"])
        assert other.node == (nodes[one.node] if one.node else None)
        assert one.placement.score == other.placement.score
    lost = [row.totals for row in city.fail("zone").failures]
    assert [row.totals for row in scrubbed.fail("zone").failures] == lost


def test_dump_asks_kubectl(tmp_path: Path, dump: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(f'#!/bin/sh\n[ "kubectl $*" = "{DUMP_COMMAND}" ] || exit 1\ncat "{dump}"\n')
    kubectl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    file = tmp_path / "dump.json.gz"
    assert run("dump", file).exit_code == 0
    assert gzip.decompress(file.read_bytes()) == dump.read_bytes()
    kubectl.write_text("#!/bin/sh\necho no such cluster >&2; exit 1\n")
    failed = run("dump", file)
    assert failed.exit_code == 2 and "no such cluster" in failed.stderr


def test_a_change_that_is_not_done_is_never_silent(dump: Path, tmp_path: Path) -> None:
    # A drain that kubectl refuses (pods of a DaemonSet), before questions that would else answer 0 or 1.
    for question in (("nodes",), ("diff", "--exit-code"), ("shrink", "--nodes", "highmem-3"), ("fail", "--by", "zone")):
        answer = run(question[0], "-c", dump, *question[1:], "--drain", "worker-01")
        assert answer.exit_code == 4, (question, answer.stdout, answer.stderr)
        assert "worker-01" in answer.stdout + answer.stderr
    # A manifest that the server refuses ends the question; it is not "the same".
    bad = tmp_path / "bad.json"
    bad.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "Not_A_Name"},
                "spec": {"containers": [{"name": "a", "image": "b"}]},
            }
        )
    )
    for sides in (("--apply", bad), (bad, "--with-file", bad)):
        answer = run("diff", "-c", dump, *sides, "--exit-code")
        assert answer.exit_code == 2, (answer.stdout, answer.stderr)
        assert "Not_A_Name" in answer.stderr


def test_what_differs_and_how_an_upgrade_goes(city: Cluster, dump: Path) -> None:
    same = city.diff()
    assert same.is_same and not same.differences
    assert run("diff", "-c", dump, "--with", dump, "--exit-code").exit_code == 0
    assert run("diff", "-c", dump).exit_code == 2
    changed = city.diff(
        changes=[Change.cordon("worker-00"), Change.scale("shop/ads", 13), Change.without_nodes("highmem-3")]
    )
    signs = {(one.sign, one.of, one.name) for one in changed.differences}
    assert {("~", "node", "worker-00"), ("-", "node", "highmem-3"), ("~", "workload", "Deployment shop/ads")} <= signs
    assert sum(sign == "+" and of == "pod" for sign, of, _ in signs) == 1
    assert run("diff", "-c", dump, "--cordon", "worker-00", "--exit-code").exit_code == 1
    upgrade = city.upgrade("worker-0*", surge=2)
    assert [step.node for step in upgrade.steps] == [f"worker-0{number}" for number in range(10)]
    assert not upgrade.blocked and upgrade.peak_extra_nodes == 2
    # A budget that lets nothing go blocks the nodes that its pods are on, and says so.
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "ads", "namespace": "shop"},
        "spec": {"maxUnavailable": 0, "selector": {"matchLabels": {"app": "ads"}}},
    }
    held = city.what_if(Change.apply(budget)).cluster
    blocked = {step.node: step.blocked_by for step in held.upgrade().blocked}
    assert blocked and set(blocked.values()) == {("PodDisruptionBudget shop/ads",)}
    assert set(blocked) == {pod.node for pod in city.pods if pod.workload == "Deployment/ads"}


def test_checks_of_manifests(dump: Path, tmp_path: Path, city: Cluster) -> None:
    good = Path(__file__).parents[2] / "examples/web.yaml"
    assert city.check(good).ok
    bad = tmp_path / "bad.yaml"
    bad.write_text(good.read_text().replace("replicas: ", "replicas: -"))
    report = tmp_path / "report.xml"
    found = run("check", "-c", dump, bad, "--junit", report, "--github")
    assert found.exit_code == 3
    assert f"::error file={bad}," in found.stdout and "validation" in found.stdout
    cases = ElementTree.parse(report).getroot().findall(".//testcase")
    assert [case.get("classname") for case in cases if case.find("failure") is not None] == ["validation"]
    large = tmp_path / "large.yaml"
    large.write_text(good.read_text().replace("replicas: ", "replicas: 9"))
    placed = city.check([large])
    assert [finding.check for finding in placed.findings if finding.severity == "error"][0] in ("placement", "rollout")
    assert not city.check(
        [good],
        scenarios={
            "apiVersion": "bayplan/v1",
            "kind": "Scenarios",
            "scenarios": [{"name": "b", "changes": [{"withoutNodes": ZONE}], "assert": [{"count": "newlyMissing"}]}],
        },
    ).ok


def test_a_sweep_on_a_dask_cluster(city: Cluster) -> None:
    given = scenarios(city)
    with (
        distributed.LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as workers,
        distributed.Client(workers) as client,  # type: ignore[no-untyped-call]
    ):
        executor = client.get_executor()
        assert city.sweep(given, executor=executor).to_dict() == city.sweep(given).to_dict()
