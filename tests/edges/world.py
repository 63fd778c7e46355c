"""Small clusters as the API server would return them, object by object."""

import copy
import random

ZONES = ["z1", "z2", "z3"]
ZONE, REGION, HOST = "topology.kubernetes.io/zone", "topology.kubernetes.io/region", "kubernetes.io/hostname"
# What the DefaultTolerationSeconds admission plugin adds to every pod.
TOLERATIONS = [
    {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
    {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
]


def meta(name, namespace=None, **more):
    out = {"name": name, "uid": f"{namespace or ''}-{name}", "resourceVersion": "1"}
    if namespace:
        out["namespace"] = namespace
    out.update({key: value for key, value in more.items() if value})
    return out


def container(name="c0", image="app:v1", requests=None, limits=None, **more):
    """The API server copies limits into requests that are missing."""
    resources = {}
    if limits:
        resources["limits"] = dict(limits)
        requests = {**limits, **(requests or {})}
    if requests is not None:
        resources["requests"] = dict(requests)
    return {"name": name, "image": image, "resources": resources, "imagePullPolicy": "IfNotPresent", **more}


def pod(name, namespace="default", requests=None, containers=None, labels=None, node=None, tolerations=(), owner=None,
        status=None, deleted=False, priority=0, **spec):
    if containers is None:
        containers = [container(requests={"cpu": "100m", "memory": "64Mi"} if requests is None else requests)]
    more = {"labels": labels}
    if owner:
        more["ownerReferences"] = [{"apiVersion": owner["apiVersion"], "kind": owner["kind"],
                                    "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"],
                                    "controller": True, "blockOwnerDeletion": True}]
    if deleted:
        more |= {"deletionTimestamp": "2023-11-14T22:00:00Z", "deletionGracePeriodSeconds": 30}
    full = {"containers": containers, "restartPolicy": "Always", "terminationGracePeriodSeconds": 30,
            "dnsPolicy": "ClusterFirst", "serviceAccountName": "default", "schedulerName": "default-scheduler",
            "priority": priority, "preemptionPolicy": "PreemptLowerPriority", "enableServiceLinks": True,
            "tolerations": [*tolerations, *copy.deepcopy(TOLERATIONS)], **spec}
    if node:
        full["nodeName"] = node
        state = {"phase": "Running", "startTime": "2023-11-02T03:04:05Z"}
    else:
        state = {"phase": "Pending"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta(name, namespace, **more), "spec": full,
            "status": {**state, **(status or {})}}


def args(plugin, **fields):
    version = "kubescheduler.config.k8s.io/v1"
    return {"name": plugin, "args": {"apiVersion": version, "kind": plugin + "Args", **fields}}


def config(*plugin_args, plugins=None):
    profile = {"schedulerName": "default-scheduler"}
    if plugin_args:
        profile["pluginConfig"] = list(plugin_args)
    if plugins:
        profile["plugins"] = plugins
    return {"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration",
            "leaderElection": {"leaderElect": False}, "profiles": [profile]}


def expr(key, operator, *values):
    out = {"key": key, "operator": operator}
    if values:
        out["values"] = list(values)
    return out


def required(*terms):
    return {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": list(terms)}}


def preferred(*terms):
    listed = [{"weight": weight, "preference": term} for weight, term in terms]
    return {"preferredDuringSchedulingIgnoredDuringExecution": listed}


def exprs(*listed):
    return {"matchExpressions": list(listed)}


def fields(*listed):
    return {"matchFields": list(listed)}


def name_in(*names):
    return [expr("metadata.name", "In", name) for name in names]


class World:
    """One case: objects in order, and the pods to schedule."""

    def __init__(self, category, group, number, config=None):
        self.name = f"{category}-{group}-{number:02}"
        self.random = random.Random(self.name)
        self.config = config
        self.pending = []
        self.nodes = []
        self.objects = []
        self.namespace("default")
        self.namespace("team-a", team="a", tier="gold")
        self.namespace("team-b", team="b")

    def add(self, kind, name, namespace=None, api="v1", labels=None, annotations=None, **body):
        metadata = meta(name, namespace, labels=labels, annotations=annotations)
        found = {"apiVersion": api, "kind": kind, "metadata": metadata, **body}
        self.objects.append(found)
        return found

    def namespace(self, name, **labels):
        self.add("Namespace", name, labels={"kubernetes.io/metadata.name": name, **labels})

    def node(self, zone=None, region="r1", labels=None, cpu=None, memory=None, pods="110", extra=None, taints=(),
             images=None, features=None, unschedulable=False, host=True, name=None):
        name = name or f"node-{len(self.nodes):02}"
        own = {"kubernetes.io/os": "linux"}
        if host:
            own[HOST] = name
        if zone:
            own |= {ZONE: zone}
        if zone and region:
            own |= {REGION: region}
        own |= labels or {}
        amounts = {"cpu": cpu or self.random.choice(["4", "6", "7900m", "8", "3800m"]),
                   "memory": memory or self.random.choice(["8Gi", "16344928Ki", "12Gi", "9000Mi"]),
                   "pods": pods, "ephemeral-storage": "50Gi", **(extra or {})}
        spec = {}
        taints = list(taints)
        if unschedulable:
            spec["unschedulable"] = True
            taints.append({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"})
        if taints:
            spec["taints"] = taints
        status = {"allocatable": amounts, "capacity": dict(amounts), "conditions": [{"type": "Ready", "status": "True"}]}
        if images is not None:
            status["images"] = images
        if features is not None:
            status["declaredFeatures"] = features
        self.add("Node", name, labels=own, spec=spec, status=status)
        self.nodes.append(name)
        return name

    def fleet(self, count, **same):
        """Nodes of several sizes in three zones by turns, with a little running on some."""
        first = len(self.nodes)
        for index in range(count):
            self.node(**{"zone": ZONES[index % 3], **same})
        for name in self.nodes[first:]:
            if self.random.random() < 0.6:
                self.bound(name, requests={"cpu": self.random.choice(["150m", "300m", "1"]),
                                           "memory": self.random.choice(["200Mi", "512Mi", "1Gi"])})
        return self

    def bound(self, node, **more):
        name = more.pop("name", f"b{sum(o['kind'] == 'Pod' for o in self.objects)}")
        found = pod(name, node=node, **more)
        self.objects.append(found)
        return found

    def pend(self, **more):
        name = more.pop("name", f"p{len(self.pending)}")
        if "requests" not in more and "containers" not in more:
            more["requests"] = {"cpu": self.random.choice(["100m", "250m", "330m"]),
                                "memory": self.random.choice(["64Mi", "100M", "300Mi"])}
        found = pod(name, **more)
        self.objects.append(found)
        self.pending.append(f"{found['metadata']['namespace']}/{name}")
        return found

    def case(self):
        return {"name": self.name, "config": self.config, "objects": self.objects, "pending": self.pending}
