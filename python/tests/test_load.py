"""What a cluster is read from, and what is wrong with it."""

import copy
import io
import json
import logging
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import bayplan
from bayplan import Cluster, ConfigError, Error, FileError, InputError, NotFoundError


def test_every_way_in_gives_the_same_cluster(dump: Path, workloads: Path, tmp_path: Path) -> None:
    content = dump.read_bytes()
    document = json.loads(content)
    folder = tmp_path / "cluster"
    folder.mkdir()
    (folder / "all.yaml").write_text(yaml.dump(document, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper)))
    nodes = [item for item in document["items"] if item["kind"] == "Node"]
    rest = {"apiVersion": "v1", "kind": "List", "items": [i for i in document["items"] if i["kind"] != "Node"]}
    want = Cluster.load(dump).place(workloads)
    assert len(want.placed) == 10
    with dump.open() as text, dump.open("rb") as binary:
        ways: list[Any] = [
            str(dump), content, bytearray(content), text, binary, io.StringIO(dump.read_text()), document, folder,
            document["items"], [*nodes, rest], iter(document["items"]), [dump, dump],
        ]  # fmt: skip
        for way in ways:
            assert Cluster.load(way).place(workloads) == want


def test_objects_as_yaml_loaders_give_them(node: dict[str, Any], pod: dict[str, Any]) -> None:
    node["metadata"]["creationTimestamp"] = yaml.safe_load("2026-01-01T00:00:00Z")
    assert Cluster.load([node, pod]).place()[0].node == "n1"


def test_a_later_source_updates_an_earlier_one(node: dict[str, Any], pod: dict[str, Any]) -> None:
    larger = copy.deepcopy(node)
    larger["status"]["allocatable"]["cpu"] = "6"
    assert Cluster.load(node).fit(pod).replicas == 4
    assert Cluster.load([json.dumps(node).encode(), larger]).fit(pod).replicas == 6
    with pytest.raises(InputError, match="objects: Node n1: it is twice in this input"):
        Cluster.load([node, larger])


@pytest.mark.parametrize(
    ("content", "object", "field", "problem"),
    [
        (b"", "", "", "the input is empty"),
        (b'{"apiVersion": "v1", "kind": "Node"', "", "", "the input ends too early"),
        (b'{"apiVersion": "v1", "kind": "Node", "metadata": {}}', "Node", "metadata.name", "it is missing"),
        (b'{"apiVersion": "v1", "metadata": {"name": "n"}}', "", "kind", "it is missing"),
        (
            b'{"apiVersion":"v1","kind":"Node","metadata":{"name":"n"},"status":{"allocatable":{"memory":"12 Gi"}}}',
            "Node n",
            "status.allocatable.memory",
            "quantities must match the regular expression",
        ),
        (b"[" * 10_000, "", "", ""),
    ],
)
def test_bad_input_names_the_object_and_the_field(content: bytes, object: str, field: str, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        Cluster.load(content)
    error = caught.value
    assert isinstance(error, ValueError)
    assert isinstance(error, Error)
    assert error.source == "bytes"
    assert error.object == object
    assert error.field == field
    assert problem in error.problem
    assert str(error).startswith("bytes: ")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.field, again.hint) == (InputError, str(error), field, error.hint)


def test_other_errors(cluster: Cluster, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such file or directory") as missing:
        Cluster.load(tmp_path / "nothing.json")
    assert isinstance(missing.value, OSError)
    with pytest.raises(FileError):
        cluster.place("nothing.yaml")
    with pytest.raises(NotFoundError) as caught:
        cluster.why("shop/nobody")
    assert isinstance(caught.value, KeyError)
    hint = "if place made it, it is in the cluster after: ask placements.cluster.why(…)"
    assert str(caught.value) == f"there is no pod shop/nobody; {hint}"
    assert caught.value.hint == hint
    with pytest.raises(NotFoundError, match="name it as namespace/name"):
        cluster.why("a/b/c")
    with pytest.raises(InputError, match="pod: the name is empty"):
        cluster.why("")
    with pytest.raises(TypeError, match=r"pod is a name \(namespace/name\) or a Placement, not a NoneType"):
        cluster.why(None)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"1\.34, 1\.35, 1\.36 and 1\.37"):
        Cluster.load([], version="1.20")
    with pytest.raises(TypeError, match="not from a int"):
        Cluster.load(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Cluster.load([3])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="Cluster.load"):
        Cluster()
    with pytest.raises(InputError, match="this is not JSON"):
        Cluster.load({"kind": object()})


@pytest.mark.parametrize("number", [-1, 2**64, 10**5000], ids=["negative", "high", "long"])
def test_numbers_out_of_range_name_the_argument(node: dict[str, Any], pod: dict[str, Any], number: int) -> None:
    with pytest.raises(InputError, match="seed: .* is not legal; legal is 0 to 18446744073709551615") as caught:
        Cluster.load(node, seed=number)
    assert caught.value.field == "seed"
    with pytest.raises(InputError, match="limit: .* is not legal; legal is 0 to 9223372036854775807"):
        Cluster.load(node).fit(pod, limit=number)
    assert Cluster.load(node, seed=2**64 - 1).fit(pod, limit=2**63 - 1).replicas == 4


def test_arguments_of_another_type(node: dict[str, Any], pod: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r'version is a text, as "1\.37", not a float'):
        Cluster.load(node, version=1.37)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="seed is a whole number, not a str"):
        Cluster.load(node, seed="7")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="limit is a whole number, not a float"):
        Cluster.load(node).fit(pod, limit=7.5)  # type: ignore[arg-type]


def test_a_text_is_no_path(cluster: Cluster, dump: Path, node: dict[str, Any]) -> None:
    for text in (dump.read_text(), json.dumps(node), "apiVersion: v1\nkind: Pod\n", "kind: Pod"):
        for read in (Cluster.load, cluster.place):
            with pytest.raises(FileError, match="a str is a path: pass bytes or an open file for text") as caught:
                read(text)
            assert len(str(caught.value)) < 250
            assert text.split()[0] in str(caught.value)
    with pytest.raises(FileError) as caught:
        Cluster.load("x" * 100_000)
    assert len(str(caught.value)) < 200
    for read in (Cluster.load, cluster.place):
        with pytest.raises(FileError, match="the path is empty; give a file, a directory, or - for stdin"):
            read("")


def test_a_cluster_is_pickled_whole(dump: Path) -> None:
    cluster = Cluster.load(dump, version="1.36", seed=3)
    data = pickle.dumps(cluster)
    assert len(data) * 5 < len(json.dumps(json.loads(dump.read_text())))
    # In another process, of which nothing is known here.
    program = (
        "import pickle, sys; cluster = pickle.load(sys.stdin.buffer); "
        "print(cluster, cluster.place().to_json(), list(map(cluster.pods_on, cluster.nodes)), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-P", "-c", program], input=data, capture_output=True, check=True)
    shown, placed, on = done.stdout.decode().splitlines()
    assert shown == repr(cluster)
    assert json.loads(placed) == cluster.place().to_dict()
    assert on == repr(list(map(cluster.pods_on, cluster.nodes)))
    assert pickle.loads(data).skipped == cluster.skipped
    assert Cluster.from_bytes(cluster.to_bytes()).pending == cluster.pending


def test_what_is_no_saved_cluster_is_an_error(cluster: Cluster) -> None:
    with pytest.raises(InputError, match="these bytes are no saved cluster"):
        Cluster.from_bytes(b"apiVersion: v1")
    with pytest.raises(InputError, match="the saved cluster is damaged"):
        Cluster.from_bytes(cluster.to_bytes()[:-9])


def test_a_configuration(node: dict[str, Any], pod: dict[str, Any]) -> None:
    config = {
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        "profiles": [{"schedulerName": "mine"}],
    }
    assert Cluster.load([node, pod]).place()[0].outcome == "Scheduled"
    for cluster in (Cluster.load([node, pod], config=config), Cluster.load([node, pod, config])):
        assert cluster.place()[0].outcome == "Ignored"
    with pytest.raises(ConfigError, match="holds 0"):
        Cluster.load([node], config=pod)
    with pytest.raises(ConfigError, match="there are 2"):
        Cluster.load([[config], [config]] if False else [json.dumps(config).encode(), config])
    config["percentageOfNodesToScore"] = 50  # type: ignore[assignment]
    assert any("percentageOfNodesToScore" in warning for warning in Cluster.load([node, config]).warnings)


def test_what_is_not_read_is_said(node: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    event = {"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e"}}
    lost = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "lost"},
        "spec": {"nodeName": "gone", "containers": [{"name": "c", "image": "i"}]},
    }
    with caplog.at_level(logging.INFO, "bayplan"):
        cluster = Cluster.load([node, event, lost])
    assert cluster.skipped == (("v1", "Event", 1),)
    (warning,) = cluster.warnings
    assert "default/lost" in warning
    assert warning in caplog.messages
    assert any("Event" in message for message in caplog.messages)


def test_upsert_delete_and_fork(node: dict[str, Any], pod: dict[str, Any]) -> None:
    cluster = Cluster.load(node)
    fork = cluster.fork()
    pod["spec"]["nodeName"] = "n1"
    fork.upsert(pod)
    assert fork.pods_on("n1") == ("default/p",)
    assert cluster.pods_on("n1") == ()
    copied = copy.deepcopy(fork)
    fork.delete("Pod", "p")
    assert fork.pods_on("n1") == ()
    assert copied.pods_on("n1") == ("default/p",)
    with pytest.raises(NotFoundError, match="there is no Pod p"):
        fork.delete("Pod", "p")
    with pytest.raises(InputError, match="`Secret` is not a kind that is read"):
        fork.delete("Secret", "p")
    fork.delete("Node", "n1")
    assert fork.nodes == ()
    with pytest.raises(NotFoundError):
        fork.pods_on("n1")
    assert repr(cluster) == "<Cluster of 1 nodes, 0 pods pending, Kubernetes 1.37>"


def test_a_bad_upsert_leaves_the_cluster_as_it_was(node: dict[str, Any], pod: dict[str, Any]) -> None:
    cluster = Cluster.load(node)
    node["status"]["allocatable"]["cpu"] = "four"
    with pytest.raises(InputError):
        cluster.upsert(node)
    assert cluster.fit(pod).replicas == 4


def test_a_namespace_for_workloads(node: dict[str, Any], pod: dict[str, Any]) -> None:
    del pod["metadata"]["namespace"]
    cluster = Cluster.load(node)
    assert cluster.place(pod)[0].pod == "default/p"
    assert cluster.place(pod, namespace="shop")[0].pod == "shop/p"
    pod["metadata"]["namespace"] = "web"
    with pytest.raises(InputError, match="the namespace asked for is `shop`"):
        cluster.place(pod, namespace="shop")


def test_the_dump_command_names_every_kind() -> None:
    kinds = bayplan.DUMP_COMMAND.split()[2].split(",")
    assert len(kinds) == len(set(kinds)) >= 23
    assert {"nodes", "pods", "storageclasses", "csistoragecapacities", "priorityclasses"} <= set(kinds)
    assert "secrets" not in kinds
    # A server that has not all of them would refuse the whole command.
    assert not {"resourceclaims", "deviceclasses", "podgroups", "workloads"} & set(kinds)
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert f"{bayplan.DEVICES_DUMP_COMMAND} > devices.json" in readme


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_do_harm(content: bytes) -> None:
    try:
        cluster = Cluster.load(content)
    except Error as error:
        assert isinstance(error, InputError)
        assert str(error).startswith("bytes: ")
    else:
        assert cluster.nodes == ()


def test_errors_and_answers_do_not_act_on_a_terminal(node: dict[str, Any], pod: dict[str, Any]) -> None:
    nasty = "p\x1b[2J\nFAKE\u202e"
    pod["metadata"].update(name=nasty, uid="p")
    cluster = Cluster.load([node, pod])
    placements = cluster.place()
    for text in (str(placements), repr(placements), repr(placements[0]), str(cluster.why(f"default/{nasty}"))):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\nFAKE" not in text
    assert placements[0].name == nasty
    assert nasty.split("\n")[0] in placements._repr_html_()
    with pytest.raises(NotFoundError) as caught:
        placements.of(nasty + "x")
    assert str(caught.value).startswith(r"pod p\x1b[2J\nFAKE\u{202e}x is not among the placements")


def test_names_that_run_into_one_another_are_refused(pod: dict[str, Any]) -> None:
    pod["metadata"] = {"name": "b/c", "namespace": "a"}
    with pytest.raises(InputError, match=r'Pod a/b/c: metadata.name: "b/c" has a slash') as caught:
        Cluster.load(pod)
    assert caught.value.field == "metadata.name"
