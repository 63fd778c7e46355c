"""What every command takes on a dump, as a table: `python benches/commands.py DUMP [COMMAND…]`; the whole process, read and started anew each time.

A dump of 5,000 nodes: `cargo run --release -p bayplan-benches --example whatif -- --write fleet.json`.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CATALOGUE = str(Path(__file__).parents[1] / "examples/catalogues/aws.csv")
#: A command that takes longer is ended, and the table says so.
MOST_SECONDS = 600


def manifest(name: str, replicas: int, cpu: str) -> dict[str, Any]:
    """A Deployment."""
    labels = {"app": name}
    container = {
        "name": "c",
        "image": "i",
        "resources": {"requests": {"cpu": cpu, "memory": "1Gi"}},
    }
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [container]},
        },
    }
    meta = {"name": name, "namespace": "default"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta,
        "spec": spec,
    }


def commands(dump: str, folder: Path) -> list[tuple[str, list[str]]]:
    """Each command with what is shown of it."""
    items = json.loads(Path(dump).read_text(encoding="utf-8"))["items"]
    nodes = [item["metadata"]["name"] for item in items if item["kind"] == "Node"]
    apps = [
        f"{item['metadata']['namespace']}/deploy/{item['metadata']['name']}"
        for item in items
        if item["kind"] == "Deployment"
    ]
    if not nodes or not apps:
        sys.exit(f"{dump} has no nodes or no Deployments: there is nothing to time")
    new, large, one = folder / "new.json", folder / "large.json", folder / "one.json"
    new.write_text(json.dumps(manifest("bench-new", 40, "500m")), encoding="utf-8")
    template = manifest("bench-large", 1, "1000")["spec"]["template"]["spec"]
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "large", "namespace": "default"},
        "spec": template,
    }
    large.write_text(json.dumps(pod), encoding="utf-8")
    one.write_text(json.dumps(manifest("bench-one", 300, "1500m")), encoding="utf-8")
    losses = [
        {"name": f"without {name}", "changes": [{"withoutNodes": name}]}
        for name in nodes[:50]
    ]
    scenarios = folder / "scenarios.json"
    scenarios.write_text(
        json.dumps(
            {"apiVersion": "bayplan/v1", "kind": "Scenarios", "scenarios": losses}
        ),
        encoding="utf-8",
    )
    node, app = nodes[len(nodes) // 2], apps[0]
    several = [word for name in apps[:50] for word in ("--name", name)]
    asked: list[tuple[str, list[str]]] = [
        ("nodes --by zone", ["nodes", "--by", "zone"]),
        ("place, 40 new replicas", ["place", str(new)]),
        (
            "why, of a pod that no node takes",
            ["why", "-f", str(large), "default/large"],
        ),
        (f"fit, of {len(apps[:50])} workloads", ["fit", *several, "--limit", "1000"]),
        ("headroom, of 3 replicas", ["headroom", "--name", f"{app}=3"]),
        ("simulate, a node is gone", ["simulate", "--without-nodes", node]),
        (
            "drain, one node",
            ["drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--force"],
        ),
        ("preempt", ["preempt", "-f", str(large), "default/large"]),
        ("diff, a node is cordoned", ["diff", "--cordon", node]),
        ("diff, of two versions", ["diff", str(new), "--to-version", "1.36"]),
        ("check, 40 new replicas", ["check", str(new)]),
        ("gpus", ["gpus"]),
        (f"sweep, {len(losses)} scenarios", ["sweep", str(scenarios)]),
        (
            f"upgrade, {len(nodes[:20])} nodes",
            ["upgrade", ",".join(nodes[:20]), "--force", "--delete-emptydir-data"],
        ),
        ("fail --by zone", ["fail", "--by", "zone"]),
        ("fail --by node", ["fail", "--by", "node"]),
        ("shrink", ["shrink"]),
        (
            "size --keep-nodes, 300 new replicas",
            ["size", str(one), "--keep-nodes", "--catalogue", CATALOGUE],
        ),
        ("size, all nodes replaced", ["size", "--catalogue", CATALOGUE]),
    ]
    return asked


def main() -> None:
    """Prints the table."""
    dump, *only = sys.argv[1:]
    print("| command | time | ends with |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for shown, words in commands(dump, Path(folder)):
            if only and words[0] not in only:
                continue
            begin = time.perf_counter()
            command = ["bayplan", words[0], "-c", dump, *words[1:]]
            try:
                run = subprocess.run(
                    command,
                    capture_output=True,
                    text=True,
                    timeout=MOST_SECONDS,
                    check=False,
                )
                said = (
                    f"{run.returncode}"
                    if run.returncode in {0, 3, 4}
                    else f"{run.returncode}: {run.stderr[:200]}"
                )
            except subprocess.TimeoutExpired:
                said = "not within the time"
            print(
                f"| `{shown}` | {time.perf_counter() - begin:.1f} s | {said} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
