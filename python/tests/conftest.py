"""The example cluster, a dump that a real API server gave, and workloads for it."""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "python"

# `python -m pytest` puts the sources first on the path; unless the module was built into them, the installed package is
# meant.
if not any(file.suffix in (".so", ".pyd") for file in (SOURCES / "bayplan").iterdir()):
    sys.path[:] = [path for path in sys.path if Path(path or ".").resolve() != SOURCES]

from bayplan import Cluster  # noqa: E402


@pytest.fixture(scope="session")
def dump() -> Path:
    return ROOT / "examples/city.json"


@pytest.fixture(scope="session")
def workloads() -> Path:
    return ROOT / "examples/workloads.yaml"


@pytest.fixture(scope="session")
def schema() -> dict[str, Any]:
    """Of the documents that the command prints."""
    document: dict[str, Any] = json.loads((ROOT / "cluster/schema/bayplan-v1.schema.json").read_text())
    return document


@pytest.fixture
def cluster(dump: Path) -> Cluster:
    return Cluster.load(dump)


@pytest.fixture(scope="session")
def expected() -> dict[str, list[dict[str, Any]]]:
    """What the real kube-scheduler decided for the examples, by version; see `cluster/tests/facade/plan_city.rs`."""
    steps = {}
    for version in ("1.34", "1.35", "1.36", "1.37"):
        with gzip.open(ROOT / f"cluster/tests/plan/city.expected-{version}.ndjson.gz", "rt") as lines:
            cases = [json.loads(line) for line in lines]
        (steps[version],) = [case["steps"] for case in cases if case["name"] == "examples"]
    return steps


@pytest.fixture
def node() -> dict[str, Any]:
    """A node with 4 CPUs and room for 10 pods."""
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "n1"},
        "status": {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "10"}},
    }


@pytest.fixture
def pod() -> dict[str, Any]:
    """A pod that asks for 1 CPU."""
    container = {"name": "c", "image": "i", "resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "default"},
        "spec": {"containers": [container]},
    }
