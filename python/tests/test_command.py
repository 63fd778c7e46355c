"""The command, by click's runner and as a process."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
import unicodedata
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner, Result

from bayplan import Cluster
from bayplan.command import cli

Schema = dict[str, Any]

SMALL = Path(__file__).parents[2] / "examples/catalogues/azure.csv"
CATALOGUE = Path(__file__).parents[2] / "examples/catalogues/aws.csv"


def run(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], input=stdin)


@pytest.fixture
def files(tmp_path: Path, node: dict[str, Any], pod: dict[str, Any]) -> dict[str, str]:
    """A small cluster, a pod that fits, one that does not, and one with a rule that is not applied."""
    large = json.loads(json.dumps(pod))
    large["metadata"]["name"] = "large"
    large["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "5"
    claim = json.loads(json.dumps(pod))
    claim["metadata"]["name"] = "claim"
    claim["spec"]["resourceClaims"] = [{"name": "gpu", "resourceClaimName": "gpu"}]
    paths = {}
    for name, document in {"cluster": node, "fits": pod, "large": large, "claim": claim}.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(document))
        paths[name] = str(path)
    return paths


def test_exit_codes_of_place(files: dict[str, str]) -> None:
    cluster = ("-c", files["cluster"])
    assert run("place", *cluster, files["fits"]).exit_code == 0
    assert run("place", *cluster, files["fits"], "-f", files["large"]).exit_code == 3
    # A rule that was not applied says more than a pod that is pending.
    assert run("place", *cluster, files["claim"], files["large"]).exit_code == 4
    assert run("place", *cluster).exit_code == 0
    assert run("place", "-c", files["cluster"], "-c", files["large"]).exit_code == 3
    bad = run("place", *cluster, "nothing.yaml")
    assert (bad.exit_code, bad.stdout) == (2, "")
    assert bad.stderr == "error: nothing.yaml: no such file or directory\n"
    assert run("place", *cluster, "--kubernetes-version", "1.20").exit_code == 2


def test_exit_codes_of_why_and_fit(files: dict[str, str]) -> None:
    both = ("-c", files["cluster"], "-c", files["fits"])
    assert run("why", *both, "p").exit_code == 0
    assert run("why", *both, "-c", files["large"], "default/large").exit_code == 3
    assert run("why", *both, "-c", files["claim"], "claim").exit_code == 4
    nobody = run("why", *both, "nobody").stderr
    assert nobody == "error: there is no pod default/nobody; give its workload with -f FILE\n"
    other = run("why", *both, "-f", files["large"], "nobody").stderr
    assert other == "error: there is no pod default/nobody; `bayplan place` lists the pods that the workloads make\n"
    assert run("why", *both, "shop/p").stderr == "error: there is no pod shop/p; there is default/p\n"
    assert run("why", *both, "").stderr == "error: pod: the name is empty; name it as namespace/name\n"
    assert run("why", "-c", files["cluster"], "-f", files["large"], "large").exit_code == 3
    assert run("fit", "-c", files["cluster"], files["fits"]).exit_code == 0
    assert run("fit", "-c", files["cluster"], files["large"]).exit_code == 3
    assert run("fit", "-c", files["cluster"], files["claim"]).exit_code == 4
    assert run("fit", "-c", files["cluster"]).exit_code == 2
    assert run("fit", "-c", files["cluster"], files["fits"], files["large"]).exit_code == 2
    assert run("fit", "-c", files["cluster"], files["fits"], files["large"], "--name", "p").exit_code == 0
    assert run("fit", "-c", files["cluster"], files["fits"], "--limit", "0").exit_code == 2


@pytest.mark.parametrize(
    ("question", "option", "legal"),
    [
        ("place", "--seed", "0<=x<=18446744073709551615"),
        ("place", "--max-pods", "0<=x<=9223372036854775807"),
        ("fit", "--limit", "1<=x<=9223372036854775807"),
    ],
)
def test_numbers_out_of_range_name_the_option(files: dict[str, str], question: str, option: str, legal: str) -> None:
    for number in ("99999999999999999999999999", "-1"):
        result = run(question, "-c", files["cluster"], files["fits"], option, number)
        assert result.exit_code == 2
        assert f"Invalid value for '{option}': {number} is not in the range {legal}." in result.stderr
    assert run(question, "-c", files["cluster"], files["fits"], option, legal.split("=")[-1]).exit_code == 0


def test_more_pods_than_may_be_made(files: dict[str, str]) -> None:
    for question in (["place", files["fits"]], ["why", "p", "-f", files["fits"]]):
        result = run(*question, "-c", files["cluster"], "--max-pods", "0")
        assert result.exit_code == 2
        assert result.stderr.startswith("error: Pod default/p: it asks for 1 pod, and no more than 0 may be made; ")
        assert "--max-pods" in result.stderr


def test_a_file_of_workloads_holds_some(files: dict[str, str], tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("{apiVersion: v1, kind: Secret, metadata: {name: s}}")
    for question in ("place", "fit"):
        result = run(question, "-c", files["cluster"], other)
        assert (result.exit_code, result.stdout) == (2, "")
        problem = "there is no workload in it, only 1 Secret (v1); workloads are Pod"
        assert result.stderr.startswith(f"error: {other}: {problem}")
        assert run(question, "-c", files["cluster"], other, files["fits"]).exit_code == 0
    other.write_text("{apiVersion: apps/v1, kind: deployment, metadata: {name: s}}")
    assert "did you mean Deployment (apps/v1)?" in run("place", "-c", files["cluster"], other).stderr
    other.write_text("{apiVersion: kubescheduler.config.k8s.io/v1, kind: KubeSchedulerConfiguration}")
    assert "--config or -c" in run("place", "-c", files["cluster"], other).stderr


def test_output_that_cannot_be_written(files: dict[str, str]) -> None:
    question = [sys.executable, "-P", "-m", "bayplan", "place", "-c", files["cluster"], files["fits"]]
    for arguments in ([*question, "-o", "json"], [*question, "-o", "yaml"], question, [*question, "--help"]):
        with open("/dev/full", "w") as full:
            done = subprocess.run(arguments, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 2
        assert done.stderr == "error: cannot write the output: No space left on device\n"
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(question, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert done.stderr == ""


def test_place_shows_where_the_examples_land(dump: Path, workloads: Path) -> None:
    result = run("place", "-c", dump, workloads)
    assert (result.exit_code, result.stderr) == (3, "")
    assert result.stdout == repr(Cluster.load(dump).place(workloads)) + "\n"
    assert "10 of 15 pods are placed" in result.stdout


def test_documents_follow_the_schema(dump: Path, workloads: Path, files: dict[str, str], schema: Schema) -> None:
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    waiting = Cluster.load(dump).pending[0]
    bound = Cluster.load(dump).pods_on("worker-00")[0]
    questions: list[tuple[object, ...]] = [
        ("place", "-c", dump, workloads),
        ("place", "-c", dump),
        ("place", "-c", files["cluster"], files["claim"]),
        ("why", "-c", dump, waiting),
        ("why", "-c", dump, bound),
        ("fit", "-c", dump, files["fits"]),
        ("fit", "-c", dump, files["fits"], "--limit", "1"),
        ("fit", "-c", files["cluster"], files["claim"]),
        ("simulate", "-c", dump, workloads),
        ("simulate", "-c", dump, "--cordon", "worker-0*", "--scale", "shop/ads=20"),
        ("drain", "-c", dump, "worker-00"),
        ("fail", "-c", dump, "--by", "zone"),
        ("shrink", "-c", dump, "--nodes", "worker-0*"),
        ("size", "-c", dump, "--catalogue", CATALOGUE, "--effort", "1"),
        ("nodes", "-c", dump),
        ("nodes", "-c", dump, "--by", "zone"),
        ("headroom", "-c", dump, "--name", "shop/ads=3", "--name", "shop/cart"),
        ("headroom", "-c", dump, "--name", "shop/ads=9", "--sets", "9", "--catalogue", SMALL),
        ("fit", "-c", dump, "--name", "shop/ads", "--name", "shop/cart"),
        ("preempt", "-c", dump, waiting),
        ("sweep", "-c", dump, Path(__file__).parent / "scenarios.yaml"),
        ("diff", "-c", dump, "--cordon", "worker-00", "--scale", "shop/ads=14"),
        ("upgrade", "-c", dump, "worker-0*", "--surge", "0"),
        ("gpus", "-c", dump),
        ("check", "-c", dump, workloads),
        ("why", "-c", dump, waiting, "--node", "worker-00"),
    ]
    kinds = []
    for question in questions:
        document = json.loads(run(*question, "-o", "json").stdout)
        validator.validate(document)
        assert document["apiVersion"] == "bayplan/v1"
        kinds.append(document["kind"])
        assert yaml.safe_load(run(*question, "-o", "yaml").stdout) == document
        # The schema is one that can fail.
        for key in list(document):
            broken = {other: value for other, value in document.items() if other != key}
            assert not validator.is_valid(broken), key
    answers = {reference["$ref"].rsplit("/", 1)[1] for reference in schema["oneOf"]} - {"Scenarios"}
    assert set(kinds) == answers | {"Drain"}
    scenarios = yaml.safe_load((Path(__file__).parent / "scenarios.yaml").read_text())
    validator.validate(scenarios)
    scenarios["scenarios"][1]["changes"][0] = {"withoutNode": "x"}
    assert not validator.is_valid(scenarios)


def test_stdin_and_namespace(dump: Path, files: dict[str, str], pod: dict[str, Any]) -> None:
    content = Path(files["cluster"]).read_text()
    piped = run("place", files["fits"], stdin=content)
    assert (piped.exit_code, piped.stdout) == (0, run("place", "-c", files["cluster"], files["fits"]).stdout)
    assert run("place", "-c", "-", files["fits"], stdin=content).stdout == piped.stdout
    del pod["metadata"]["namespace"]
    named = run("place", "-c", files["cluster"], "-n", "shop", "-", stdin=json.dumps(pod))
    assert named.stdout.splitlines()[1].split()[:2] == ["shop", "p"]
    twice = run("place", "-c", "-", "-", stdin=content)
    assert twice.exit_code == 2
    assert "only once" in twice.stderr
    none = run("place", "-", stdin=content)
    assert none.exit_code == 2
    assert "no cluster" in none.stderr
    clash = run("place", "-c", files["cluster"], "-n", "shop", files["fits"])
    assert clash.exit_code == 2
    assert "metadata.namespace" in clash.stderr
    waiting = Cluster.load(dump).pending[0]
    namespace, name = waiting.split("/")
    assert run("why", "-c", dump, "-n", namespace, name).stdout == run("why", "-c", dump, waiting).stdout


def test_what_is_skipped_and_warned_of_is_on_stderr(files: dict[str, str], tmp_path: Path) -> None:
    more = tmp_path / "more.yaml"
    more.write_text(
        "{apiVersion: v1, kind: Event, metadata: {name: e}}\n---\n"
        "{apiVersion: v1, kind: Pod, metadata: {name: lost}, spec: {nodeName: gone, containers: [{name: c, image: i}]}}\n"
    )
    result = run("place", "-c", files["cluster"], "-c", more, files["fits"], "-o", "json")
    assert result.exit_code == 0
    assert "not read: 1 Event (v1)" in result.stderr
    assert "warning: 1 pod(s) are on node gone" in result.stderr
    assert json.loads(result.stdout)["warnings"]
    table = run("place", "-c", files["cluster"], "-c", more, files["fits"])
    assert "warning: 1 pod(s) are on node gone" in table.stdout
    assert "warning" not in table.stderr


def test_help_has_an_example_of_each_question() -> None:
    overview = run("--help").stdout
    assert "kubectl get" in overview
    assert "nodes,pods," in overview
    for question in ("place", "why", "fit"):
        text = run(question, "--help").stdout
        assert f"bayplan {question} -c dump.json" in text
        assert "Exit codes:" in text
        assert all(f"  {code}  " in text for code in (0, 2, 3, 4))


def test_the_command_as_a_process(dump: Path, workloads: Path) -> None:
    bin = Path(sys.executable).parent
    want = run("place", "-c", dump, workloads)
    for command in (["bayplan"], ["kubectl-bayplan"], [sys.executable, "-P", "-m", "bayplan"]):
        command[0] = str(bin / command[0])
        done = subprocess.run([*command, "place", "-c", dump, workloads], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (3, want.stdout, "")
    done = subprocess.run([bin / "kubectl-bayplan", "--help"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Usage: kubectl bayplan ")
    done = subprocess.run([bin / "bayplan", "place"], input="{", capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: stdin: ")
    assert "Traceback" not in done.stderr


def in_terminal(arguments: list[object], **environment: str) -> str:
    """What a terminal is sent."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(
            sys.executable, [sys.executable, "-P", "-m", "bayplan", *map(str, arguments)], os.environ | environment
        )
    sent = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        sent += part
    os.waitpid(pid, 0)
    return sent.decode()


def test_colours_are_for_terminals(dump: Path, workloads: Path) -> None:
    question: list[object] = ["place", "-c", dump, workloads]
    plain = run(*question).stdout
    assert "\x1b" not in plain
    colours = {"TERM": "xterm-256color", "NO_COLOR": ""}
    assert "\x1b[" in in_terminal(question, **colours)
    assert "\x1b[3" not in in_terminal(question, TERM="xterm-256color", NO_COLOR="1")
    document = in_terminal([*question, "-o", "json"], **colours).replace("\r\n", "\n")
    # Warnings are on stderr, which is the same terminal.
    assert document[document.index("{\n") :] == run(*question, "-o", "json").stdout


@pytest.fixture
def endless(files: dict[str, str], node: dict[str, Any]) -> list[object]:
    """A question that takes far longer than the test."""
    node["status"]["allocatable"] = {"cpu": "100000000", "memory": "100000000Gi", "pods": "100000000"}
    Path(files["cluster"]).write_text(json.dumps(node))
    return ["fit", "-c", files["cluster"], files["fits"], "--limit", "100000000"]


def heed_interrupts() -> None:
    """Whoever runs the tests in the background has interrupts ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_interrupt_ends_a_long_call(endless: list[object]) -> None:
    command = [sys.executable, "-P", "-m", "bayplan", *map(str, endless)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interrupts)
    time.sleep(3)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert stderr == "interrupted\n"


def test_progress_is_shown_in_a_terminal(endless: list[object]) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(sys.executable, [sys.executable, "-P", "-m", "bayplan", *map(str, endless)])
    sent = b""
    deadline = time.monotonic() + 60
    while b"placing replicas" not in sent and time.monotonic() < deadline:
        sent += os.read(terminal, 4096)
    os.kill(pid, signal.SIGINT)
    try:
        while os.read(terminal, 4096):
            pass
    except OSError:
        pass
    _, status = os.waitpid(pid, 0)
    assert b"placing replicas" in sent
    assert os.waitstatus_to_exitcode(status) == 130


#: A title, a colour, an empty screen, a forged row, and letters that run from right to left.
NASTY = "n\x1b]0;owned\x07\x1b[31mred\x1b[2J\nFAKE   pod-x   Scheduled   n9\u202e\u009b2J"
SHOWN = r"n\x1b]0;owned\x07\x1b[31mred\x1b[2J\nFAKE   pod-x   Scheduled   n9\u{202e}\u{9b}2J"


def controls(text: str) -> set[str]:
    """The characters that act on a terminal, but for line ends."""
    return {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")} - {"\n", "\r"}


def test_names_do_not_act_on_a_terminal(
    files: dict[str, str], tmp_path: Path, node: dict[str, Any], pod: dict[str, Any]
) -> None:
    node["metadata"] = {"name": NASTY, "uid": "n"}
    pod["metadata"].update(name=NASTY, uid="p")
    other = {"apiVersion": "x.io/\x1b[2Jv1", "kind": NASTY, "metadata": {"name": "o"}}
    cluster, workload, faulty = (tmp_path / name for name in ("cluster.json", "workload.json", "faulty.json"))
    cluster.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [node, other]}))
    workload.write_text(json.dumps(pod))
    pod["spec"]["containers"][0]["resources"]["requests"]["\x1b[2J"] = "\x1b[2J"
    faulty.write_text(json.dumps(pod))
    plain = {"TERM": "dumb", "NO_COLOR": "1"}
    questions: list[list[object]] = [
        ["place", "-c", cluster, workload],
        ["fit", "-c", cluster, workload, "--limit", "2"],
        ["why", "-c", cluster, "-f", workload, f"default/{NASTY}"],
        ["place", "-c", cluster, faulty],
        ["why", "-c", cluster, f"default/{NASTY}"],
    ]
    for question in questions:
        result = run(*question)
        assert SHOWN in result.stdout + result.stderr
        for text in (result.stdout, result.stderr, in_terminal(question, **plain)):
            assert not controls(text), (question, text)
            assert not any(line.lstrip().startswith("FAKE") for line in text.splitlines())
    # What programs read is what was written.
    answer = json.loads(run("place", "-c", cluster, workload, "-o", "json").stdout)
    assert answer["items"][0]["node"] == NASTY


def test_a_pipe_is_read_where_it_is_named(files: dict[str, str]) -> None:
    command = f'"{sys.executable}" -P -m bayplan place -c <(cat "{files["cluster"]}") <(cat "{files["fits"]}")'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "The pod is placed" in done.stdout
    result = run("place", "-c", "/dev/zero", files["fits"])
    assert result.exit_code == 2
    assert result.stderr.startswith("error: /dev/zero: it is a device, not a file; ")
