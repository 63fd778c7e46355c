"""The numbers of the pictures."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bayplan import _bayplan

if TYPE_CHECKING:
    from bayplan._cluster import Cluster

#: Domains and workloads of a heat map: more are no picture any more.
MOST_ROWS, MOST_COLUMNS = 40, 14
#: Sizes of pods: cores, and for each 4 GiB of memory.
SIZES = (0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64)
GIB = 2**30


def of_cluster(cluster: Cluster, *, title: str = "The cluster", curve: bool = False) -> dict[str, Any]:
    """The map of a cluster; with `curve` how many pods of a size still fit too."""
    inventory = json.loads(_bayplan.inventory(cluster._native))
    drawing: dict[str, Any] = {"map": {"title": title, **_map(inventory)}}
    if curve:
        drawing["curve"] = _curve(inventory["nodes"])
    return drawing


def _map(inventory: dict[str, Any]) -> dict[str, Any]:
    # Nodes and pods are lists in the order that the script knows: names of fields would be most of a large page.
    zones = sorted({row["zone"] or "" for row in inventory["nodes"]})
    zone_at = {zone: at for at, zone in enumerate(zones)}
    nodes = []
    for row in inventory["nodes"]:
        cpu, memory = (row["resources"].get(name, {"allocatable": 0, "requested": 0}) for name in ("cpu", "memory"))
        states = [("not ready", not row["ready"]), ("cordoned", bool(row["cordoned"]))]
        state = ", ".join(word for word, is_so in states if is_so)
        amounts = (cpu["allocatable"], cpu["requested"], memory["allocatable"], memory["requested"])
        nodes.append([row["name"], zone_at[row["zone"] or ""], row["instanceType"] or "", *amounts, state])
    node_at = {node[0]: at for at, node in enumerate(nodes)}
    workload_at: dict[tuple[str, str], int] = {}
    pods = []
    for row in inventory["pods"]:
        at = workload_at.setdefault((row["namespace"], row["workload"]), len(workload_at))
        name = f"{row['namespace']}/{row['name']}"
        node = node_at.get(row["node"] or "", -1)
        pods.append([node, name, at, row["cpu"], row["memory"], row["priority"]])
    # Of a node's pods those of one workload stand beside each other.
    pods.sort(key=lambda pod: (pod[0], pod[2]))
    names = [{"name": zone or "no zone"} for zone in zones]
    return {
        "zones": names,
        "nodes": nodes,
        "pods": pods,
        "workloads": _names((namespace, *of.split("/", 1)) for namespace, of in workload_at),
    }


def _names(workloads: Iterable[tuple[str, ...]]) -> list[str]:
    """What workloads are called, of namespace, kind and name: the kind is said where there are two of one name."""
    listed = list(workloads)
    count = Counter((namespace, name) for namespace, _, name in listed)
    return [
        f"{namespace}/{name}" + (f" ({kind})" if count[namespace, name] > 1 else "") for namespace, kind, name in listed
    ]


def _curve(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    points = []
    for size in SIZES:
        count = 0
        for row in nodes:
            if row["cordoned"] or not row["ready"]:
                continue
            free = {name: row["resources"].get(name, {"free": 0})["free"] for name in ("cpu", "memory", "pods")}
            count += max(0, int(min(free["cpu"] / size, free["memory"] / (size * 4 * GIB), free["pods"]) + 1e-9))
        points.append([size, count, f"{size:g}"])
    return {
        "points": points,
        "axis": "cores of a pod, with 4 GiB of memory for each",
        "note": "By what is free on nodes that are ready and not cordoned; taints and other rules are left aside.",
    }


def bars(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """Utilisation before and after, by resource."""
    nothing = {"allocatable": 0, "share": None}
    names = sorted({*before["resources"], *after["resources"]}, key=lambda name: (name not in ("cpu", "memory"), name))
    rows = []
    for name in names:
        was, now = before["resources"].get(name, nothing), after["resources"].get(name, nothing)
        # What is gone altogether is shown too.
        if was["allocatable"] > 0 or now["allocatable"] > 0:
            rows.append({"name": name, "before": was["share"], "after": now["share"]})
    return rows


def heat(document: dict[str, Any]) -> dict[str, Any]:
    """What each loss leaves missing: the worst domains, and the workloads that lose most."""
    failures = document["failures"]
    rows: list[tuple[str, int, dict[tuple[str, ...], int]]] = []
    for failure in failures:
        cells: dict[tuple[str, ...], int] = {
            (row["namespace"], row["kind"], row["name"]): max(0, row["missing"] - row["missingBefore"]) + row["lost"]
            for row in failure["workloads"]
        }
        rows.append((" + ".join(failure["domains"]), failure["newlyMissing"] + failure["lost"], cells))
    all_rows = len(rows)
    # Where there are few they stay in their order.
    if all_rows > MOST_ROWS:
        rows = sorted(rows, key=lambda row: -row[1])[:MOST_ROWS]
    by_workload: dict[tuple[str, ...], int] = defaultdict(int)
    for _, _, cells in rows:
        for workload, count in cells.items():
            by_workload[workload] += count
    columns = sorted(
        (workload for workload, count in by_workload.items() if count), key=lambda it: (-by_workload[it], it)
    )
    note = "Pods that are newly missing or lost when this is gone."
    if all_rows > MOST_ROWS:
        note += f" The {MOST_ROWS} worst of {all_rows}."
    if len(columns) > MOST_COLUMNS:
        note += f" {len(columns) - MOST_COLUMNS} workloads that lose less are only in the sums."
    shown = columns[:MOST_COLUMNS]
    return {
        "by": document["by"],
        "columns": _names(shown),
        "rows": [
            {"name": name, "all": count, "cells": [cells.get(column, 0) for column in shown]}
            for name, count, cells in rows
        ],
        "note": note,
    }


def why(document: dict[str, Any]) -> dict[str, Any] | None:
    """Nodes by what stops a pod there; none where it is rejected before any is looked at."""
    rows: list[dict[str, Any]] = []
    for group in document["stopped"]:
        needs = " and ".join(
            f"{_amount(short['resource'], short['asked'])} {short['resource']}" for short in group["short"]
        )
        texts = [*group["reasons"], group["detail"], f"needs {needs}" if needs else ""]
        rows.append({"what": "; ".join(text for text in texts if text), "nodes": len(group["nodes"]), "fits": False})
    feasible = len(document["feasible"])
    if feasible:
        rows.insert(0, {"what": "the pod fits", "nodes": feasible, "fits": True})
    if not rows:
        return None
    pod = document["decision"]["pod"]
    return {
        "rows": rows,
        "nodes": sum(row["nodes"] for row in rows),
        "note": f"{pod}, on {sum(row['nodes'] for row in rows)} nodes.",
    }


def _amount(resource: str, amount: float) -> str:
    return f"{amount / GIB:.3g}Gi" if resource in ("memory", "ephemeral-storage") else f"{amount:g}"
