"""A compact dump of 40,000 small pods on 200 nodes, 15 MB."""

import json
import sys


def node(i: int) -> dict:
    name = f"n{i}"
    meta = {"name": name, "uid": name, "labels": {"kubernetes.io/hostname": name}}
    allocatable = {"cpu": "64", "memory": "256Gi", "pods": "500"}
    return {"apiVersion": "v1", "kind": "Node", "metadata": meta, "status": {"allocatable": allocatable}}


def pod(i: int) -> dict:
    meta = {"name": f"p-{i}", "namespace": f"ns-{i % 20}", "uid": f"u{i}", "labels": {"app": f"a{i % 300}", "x": str(i)}}
    requests = {"cpu": "100m", "memory": "128Mi"}
    container = {"name": "c", "image": f"reg.example.com/i{i % 300}:v1", "resources": {"requests": requests}}
    spec = {"schedulerName": "default-scheduler", "nodeName": f"n{i % 200}", "containers": [container]}
    status = {"phase": "Running", "startTime": "2024-01-01T00:00:00Z"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": status}


items = [node(i) for i in range(200)] + [pod(i) for i in range(40_000)]
json.dump({"apiVersion": "v1", "kind": "List", "items": items}, sys.stdout, separators=(",", ":"))
