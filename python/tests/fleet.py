"""A large cluster: so many nodes in three zones, and the pods of some hundred workloads on them."""

from __future__ import annotations

from typing import Any


def fleet(nodes: int = 5000, pods: int = 36_000) -> dict[str, Any]:
    """A list as `kubectl get -o json` prints it."""
    items: list[dict[str, Any]] = []
    for nth in range(nodes):
        labels = {"topology.kubernetes.io/zone": f"zone-{'abc'[nth % 3]}", "kubernetes.io/hostname": f"node-{nth:04}"}
        amounts = {"cpu": "16", "memory": "64Gi", "pods": "110"}
        status: dict[str, Any] = {"allocatable": amounts, "capacity": amounts, "conditions": [{"type": "Ready", "status": "True"}]}
        meta: dict[str, Any] = {"name": f"node-{nth:04}", "uid": f"n{nth}", "labels": labels}
        items.append({"apiVersion": "v1", "kind": "Node", "metadata": meta, "status": status})
    for nth in range(pods):
        app = f"app-{nth % 120:03}"
        owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": app, "uid": app, "controller": True}
        meta = {"name": f"{app}-{nth:05}", "namespace": f"team-{nth % 7}", "uid": f"p{nth}", "ownerReferences": [owner]}
        requests = {"cpu": f"{(nth % 5 + 1) * 500}m", "memory": f"{(nth % 4 + 1) * 1024}Mi"}
        spec: dict[str, Any] = {
            "nodeName": f"node-{nth % nodes:04}",
            "containers": [{"name": "c", "resources": {"requests": requests}}],
        }
        items.append(
            {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": {"phase": "Running"}}
        )
    return {"apiVersion": "v1", "kind": "List", "items": items}
