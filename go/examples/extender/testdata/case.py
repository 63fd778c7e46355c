#!/usr/bin/env python3
"""Writes what is recorded: case.py DUMP CASES. DUMP is what the extender mirrors; CASES the same with a scheduler's configuration, for the oracle: one
scheduler that filters and scores by the extender alone (all of its own plugins that could are disabled), and one as it comes, with the extender beside."""

import json
import sys


def node(name, cpu, labels=None, **spec):
    labels = {"kubernetes.io/hostname": name, **(labels or {})}
    amounts = {"cpu": cpu, "memory": "8Gi", "pods": "10"}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "uid": name, "labels": labels}, "spec": spec,
            "status": {"allocatable": amounts, "capacity": amounts}}


def pod(name, cpu, priority=0, on=None, **spec):
    spec = {"schedulerName": "default-scheduler", "priority": priority, **({"nodeName": on} if on else {}), **spec,
            "containers": [{"name": "c", "image": "i", "resources": {"requests": {"cpu": cpu}}}]}
    status = {"phase": "Running", "startTime": "2024-01-01T00:00:00Z"} if on else {"phase": "Pending"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default", "uid": name, "labels": {"app": name.split("-")[0]}},
            "spec": spec, "status": status}


apart = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
    {"labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": "kubernetes.io/hostname"}]}}
objects = [
    node("small", "1"), node("large", "8", {"disk": "ssd"}), node("full", "2"), node("cordoned", "8", unschedulable=True),
    node("tainted", "8", taints=[{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]),
    pod("low-1", "1500m", 0, "full"), pod("low-2", "500m", 5, "full"), pod("web-1", "1", 50, "large"), pod("busy-1", "6500m", 50, "large"),
    pod("fits", "500m"), pod("web-2", "100m", affinity=apart), pod("ssd", "400m", nodeSelector={"disk": "ssd"}),
    pod("tolerant", "6", tolerations=[{"key": "gpu", "operator": "Exists"}]), pod("tight", "1500m"), pod("huge", "64"),
    pod("high", "1500m", 100), pod("middle", "1500m", 5), pod("never", "1500m", 100, preemptionPolicy="Never"),
]
alone = {"multiPoint": {"disabled": [{"name": "*"}], "enabled": [{"name": "PrioritySort"}, {"name": "DefaultBinder"}, {"name": "DefaultPreemption"}]}}
configuration = {
    "apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration",
    "extenders": [{"urlPrefix": "http://127.0.0.1:8888", "filterVerb": "filter", "prioritizeVerb": "prioritize", "preemptVerb": "preempt", "weight": 1,
                   "nodeCacheCapable": True}],
}
pending = [f"default/{o['metadata']['name']}" for o in objects if o["kind"] == "Pod" and "nodeName" not in o["spec"]]
dump = {"apiVersion": "v1", "kind": "List", "items": objects}
with open(sys.argv[1], "w") as file:
    json.dump(dump, file, indent=1)
    file.write("\n")
with open(sys.argv[2], "w") as file:
    for name, plugins in ("alone", alone), ("beside", {}):
        config = {**configuration, "profiles": [{"schedulerName": "default-scheduler", "plugins": plugins}]}
        print(json.dumps({"name": name, "config": config, "objects": objects, "pending": pending}), file=file)
