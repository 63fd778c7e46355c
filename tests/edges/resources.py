"""Requests, strategies, weights, resizes and the built-in spreading: category `edges`."""

from world import World, ZONE, HOST, config, args, container, expr, exprs, preferred

GPU, FOO = "nvidia.com/gpu", "example.com/foo"


def zero_requests():
    pods = [{GPU: "0"}, {GPU: "0", "cpu": "0", "memory": "0"}, {FOO: "0", "cpu": "100m"}, {"hugepages-2Mi": "0", "memory": "64Mi"},
            {"ephemeral-storage": "0"}, {}, {GPU: "1", FOO: "0"}, {"cpu": "0"}, {"memory": "0", "cpu": "1m"}]
    for number in range(5):
        world = World("edges", "zerorequests", number)
        for index in range(3 + number % 3):
            extra = [{GPU: "1"}, {}, {GPU: "0", FOO: "2"}, {"hugepages-2Mi": "64Mi"}][(index + number) % 4]
            name = world.node(zone="z1", extra=extra)
            if extra.get(GPU) == "1" and number % 2:
                world.bound(name, containers=[container(limits={GPU: "1"})])
        for offset in range(6):
            requests = pods[(number * 2 + offset) % len(pods)]
            world.pend(containers=[container(requests=requests), container("c1", requests={})] if offset % 3 == 2 else [container(requests=requests)])
        yield world


def above_allocatable():
    for number in range(6):
        world = World("edges", "aboveallocatable", number)
        for index in range(3 + number % 3):
            name = world.node(zone="z1", cpu=["2", "4"][(index + number) % 2], memory="4Gi", pods=["0", "2", "10"][(index + number) % 3],
                              extra={GPU: "2"} if index % 2 else {})
            world.bound(name, requests={"cpu": "1500m", "memory": "1Gi"})
        world.pend(requests={"cpu": "3"})
        world.pend(requests={"cpu": "5"})
        world.pend(containers=[container(limits={GPU: "3"})])
        world.pend(containers=[container(limits={GPU: "2", "cpu": "2500m"})])
        world.pend(requests={"cpu": "5", "memory": "3500Mi", "ephemeral-storage": "51Gi"})
        world.pend(requests={"memory": "4Gi"})
        yield world


def sidecars():
    def init(name, cpu, memory, always=False):
        return container(name, requests={"cpu": cpu, "memory": memory}, **({"restartPolicy": "Always"} if always else {}))

    plans = [
        [init("i0", "2", "64Mi"), init("s0", "500m", "128Mi", True), init("i1", "2", "64Mi"), init("s1", "700m", "256Mi", True)],
        [init("s0", "500m", "1Gi", True), init("i0", "1", "2Gi"), init("s1", "1", "1Gi", True)],
        [init("i0", "3", "64Mi"), init("i1", "1", "3Gi")],
        [init("s0", "1", "1Gi", True), init("s1", "1", "1Gi", True), init("i0", "100m", "10Mi")],
        [init("i0", "1500m", "1Gi"), init("s0", "10m", "10Mi", True), init("i1", "1495m", "1020Mi")],
        [init("s0", "250m", "64Mi", True)],
    ]
    for number in range(7):
        world = World("edges", "sidecars", number)
        for index in range(3 + number % 3):
            name = world.node(zone="z1", cpu=["6", "4", "7500m"][index % 3], memory=["8Gi", "5Gi"][index % 2])
            world.bound(name, initContainers=plans[(number + index) % 6], requests={"cpu": "200m", "memory": "200Mi"})
        for offset in range(5):
            more = {"overhead": {"cpu": "120m", "memory": "90Mi"}, "runtimeClassName": "kata"} if offset % 2 else {}
            world.pend(initContainers=plans[(number + offset * 2 + offset // 3) % 6], requests={"cpu": "300m", "memory": "100Mi"}, **more)
        yield world


def pod_level():
    plans = [
        ({"cpu": "1", "memory": "1Gi"}, [{"cpu": "250m", "memory": "100Mi"}]),
        ({"cpu": "1"}, [{"cpu": "250m", "memory": "700Mi"}, {"memory": "200Mi"}]),
        ({"memory": "2Gi"}, [{"cpu": "700m"}, {}]),
        ({"cpu": "500m", "memory": "512Mi"}, [{}, {}]),
        ({"cpu": "2", "memory": "1Gi"}, [{"cpu": "1", GPU: "1"}]),
        ({"cpu": "300m", "memory": "64Mi", "hugepages-2Mi": "32Mi"}, [{"cpu": "100m", "hugepages-2Mi": "16Mi"}]),
        ({"cpu": "0", "memory": "0"}, [{}]),
    ]
    for number in range(6):
        world = World("edges", "podlevel", number)
        for index in range(3 + number % 3):
            name = world.node(zone="z1", cpu=["3", "4", "2600m"][index % 3], memory=["4Gi", "3Gi"][index % 2],
                              extra={GPU: "1", "hugepages-2Mi": "64Mi"} if index % 2 else {})
            level, listed = plans[(number + index) % len(plans)]
            if GPU not in str(listed) and "hugepages" not in str(level):
                world.bound(name, resources={"requests": level}, containers=[container(f"c{k}", requests=r) for k, r in enumerate(listed)])
        for offset in range(5):
            level, listed = plans[(number + offset * 2) % len(plans)]
            more = {"overhead": {"cpu": "100m"}, "runtimeClassName": "kata"} if offset == 2 else {}
            if offset in (1, 4):
                more["initContainers"] = [container("s0", requests={"cpu": "100m", "memory": "16Mi"}, restartPolicy="Always"),
                                          container("i0", requests={"cpu": "200m", "ephemeral-storage": "1Gi"})]
            limits = {key: value for key, value in level.items() if "hugepages" in key}
            world.pend(resources={"requests": level, **({"limits": limits} if limits else {})},
                       containers=[container(f"c{k}", requests=r) for k, r in enumerate(listed)], **more)
        yield world


def fit(kind, resources, shape=None, **more):
    strategy = {"type": kind, "resources": [{"name": name, "weight": weight} for name, weight in resources]}
    if shape:
        strategy["requestedToCapacityRatio"] = {"shape": [{"utilization": u, "score": s} for u, s in shape]}
    return args("NodeResourcesFit", scoringStrategy=strategy, **more)


def loaded(world, count):
    """Nodes of one size at different loads."""
    for index in range(count):
        name = world.node(zone="z1", cpu="4", memory="8Gi", extra={GPU: "4", FOO: "10"})
        steps = (index * 3 + len(world.name)) % 8
        if steps:
            world.bound(name, containers=[container(requests={"cpu": f"{steps * 430}m", "memory": f"{steps * 700}Mi"},
                                                    limits={GPU: str(steps % 4), FOO: str(steps)})])


def shapes():
    both = [("cpu", 1), ("memory", 1)]
    plans = [
        (both, [(0, 0), (100, 10)]), (both, [(0, 10), (100, 0)]), (both, [(50, 5)]), (both, [(0, 3), (40, 10), (70, 1)]),
        ([("cpu", 3), (GPU, 5)], [(0, 0), (33, 7), (34, 2), (100, 10)]), ([(GPU, 1), ("memory", 2)], [(10, 10), (20, 0), (30, 10), (80, 4)]),
        ([("cpu", 1), ("memory", 1), (FOO, 7)], [(0, 5), (100, 5)]), ([(FOO, 100)], [(0, 0), (1, 10)]), (both, [(99, 0), (100, 10)]),
        ([("cpu", 2), ("example.com/none", 3)], [(0, 0), (60, 10), (100, 0)]),
    ]
    for number, (resources, shape) in enumerate(plans):
        world = World("edges", "shapes", number, config(fit("RequestedToCapacityRatio", resources, shape)))
        loaded(world, 4 + number % 3)
        world.pend()
        world.pend(containers=[container(requests={"cpu": "700m"}, limits={GPU: "1"})])
        world.pend(requests={"cpu": "1100m", "memory": "2Gi"})
        world.pend(containers=[container(limits={FOO: "3"})])
        world.pend(requests={})
        yield world


def ignored():
    plans = [
        {"ignoredResources": [FOO]}, {"ignoredResourceGroups": ["example.com"]}, {"ignoredResources": [GPU, "example.com/bar"]},
        {"ignoredResourceGroups": ["nvidia.com"], "ignoredResources": [FOO]}, {"ignoredResources": ["cpu", "ephemeral-storage"]},
    ]
    for number, plan in enumerate(plans):
        strategy = fit("LeastAllocated", [("cpu", 1), (FOO, 4)], **plan) if number % 2 else args("NodeResourcesFit", **plan)
        world = World("edges", "ignored", number, config(strategy))
        loaded(world, 3 + number % 2)
        world.node(zone="z2", cpu="2")
        world.pend(containers=[container(limits={FOO: "20", "cpu": "100m"})])
        world.pend(containers=[container(limits={GPU: "9"})])
        world.pend(containers=[container(limits={"example.com/bar": "1"})])
        world.pend(requests={"cpu": "9", "ephemeral-storage": "99Gi"})
        world.pend(containers=[container(limits={GPU: "1", FOO: "1", "cpu": "1"})])
        yield world


def weights():
    scores = ["NodeResourcesFit", "NodeResourcesBalancedAllocation", "ImageLocality", "TaintToleration", "NodeAffinity",
              "PodTopologySpread", "InterPodAffinity"]
    plans = [
        {"score": {"disabled": [{"name": "*"}], "enabled": [{"name": "NodeResourcesFit", "weight": 5}]}},
        {"score": {"enabled": [{"name": "ImageLocality", "weight": 30}, {"name": "NodeAffinity", "weight": 1}]}},
        {"score": {"disabled": [{"name": "ImageLocality"}, {"name": "NodeResourcesBalancedAllocation"}]}},
        {"multiPoint": {"enabled": [{"name": name, "weight": 10 * (place + 1)} for place, name in enumerate(scores)]}},
        {"multiPoint": {"disabled": [{"name": "TaintToleration"}]}},
        {"filter": {"disabled": [{"name": "TaintToleration"}, {"name": "NodeUnschedulable"}]}},
        {"preFilter": {"disabled": [{"name": "NodeAffinity"}]}, "score": {"disabled": [{"name": "TaintToleration"}], "enabled": [{"name": "TaintToleration", "weight": 100}]}},
        {"multiPoint": {"disabled": [{"name": "NodeResourcesFit"}]}, "score": {"enabled": [{"name": "NodeResourcesBalancedAllocation", "weight": 2}]}},
    ]
    for number, plugins in enumerate(plans):
        strategies = [fit("MostAllocated", [("cpu", 3), ("memory", 1), (GPU, 10)])] if number in (1, 3, 6) else []
        if number in (2, 3):
            listed = [{"name": name, "weight": 1} for name in ["cpu", "memory", GPU, FOO]]
            strategies.append(args("NodeResourcesBalancedAllocation", resources=listed))
        world = World("edges", "weights", number, config(*strategies, plugins=plugins))
        loaded(world, 3 + number % 3)
        images = [{"names": ["app:v1"], "sizeBytes": 700 * 1024 * 1024}]
        world.node(zone="z2", images=images, taints=[{"key": "soft", "effect": "PreferNoSchedule"}])
        world.node(zone="z2", taints=[{"key": "hard", "effect": "NoSchedule"}])
        world.node(zone="z3", unschedulable=True)
        world.pend()
        world.pend(containers=[container(limits={GPU: "1", "cpu": "500m"})])
        world.pend(affinity={"nodeAffinity": preferred((10, exprs(expr(ZONE, "In", "z2"))), (3, exprs(expr(HOST, "Exists"))))})
        world.pend(requests={"cpu": "5"})
        world.pend(nodeSelector={ZONE: "z3"})
        yield world


def status(name, allocated, actual):
    running = {"running": {"startedAt": "2023-11-01T00:00:00Z"}}
    return {"name": name, "image": "app:v1", "imageID": "", "ready": True, "restartCount": 0, "state": running,
            "allocatedResources": allocated, "resources": {"requests": actual}}


def resize():
    def amount(cpu, memory):
        return {"cpu": cpu, "memory": memory}

    pending = [{"type": "PodResizePending", "status": "True", "reason": "Deferred"}]
    infeasible = [{"type": "PodResizePending", "status": "True", "reason": "Infeasible"}]
    busy = [{"type": "PodResizeInProgress", "status": "True"}]
    for number in range(8):
        world = World("edges", "resize", number)
        conditions = [pending, infeasible, busy, [], [*pending, *busy]]
        for index in range(4 + number % 2):
            name = world.node(zone="z1", cpu=["4", "5", "4600m"][index % 3], memory="8Gi")
            state = conditions[(index + number) % 5]
            wanted, allocated, actual = amount("2", "1Gi"), amount("1", "1Gi"), amount("1500m", "512Mi")
            if number % 2:
                wanted, actual = actual, wanted
            found = {"containerStatuses": [status("c0", allocated, actual)], "conditions": state}
            more = {}
            if number in (2, 3, 5, 6):  # a sidecar between init containers is resized too
                more["initContainers"] = [container("i0", requests=amount("2500m", "64Mi")),
                                          container("s0", requests=amount("800m", "256Mi"), restartPolicy="Always"),
                                          container("i1", requests=amount("1", "64Mi"))]
                found["initContainerStatuses"] = [status("i0", amount("2500m", "64Mi"), amount("2500m", "64Mi")),
                                                  status("s0", amount("400m", "512Mi"), amount("1200m", "128Mi")),
                                                  status("i1", amount("1", "64Mi"), amount("1", "64Mi"))]
            if number in (4, 5):  # statuses that lack a container, or a resource
                found["containerStatuses"] = [{"name": "c0", "image": "app:v1", "imageID": "", "ready": True, "restartCount": 0, "state": {}}]
            if number == 6:  # pod-level resources with their own allocation
                more["resources"] = {"requests": amount("3", "2Gi")}
                found["allocatedResources"] = amount("2500m", "1Gi")
                found["resources"] = {"requests": amount("2800m", "3Gi")}
            if number == 7:
                found["resize"] = "Infeasible" if index % 2 else "InProgress"
            world.bound(name, requests=wanted, status=found, **more)
        for cpu in ["2", "2200m", "1500m", "600m", "3100m"]:
            world.pend(requests={"cpu": cpu, "memory": "128Mi"})
        yield world


def built_in_spread():
    """Selectors deduced from the four owners, and pods that none selects."""
    def controller(world, kind, name, selector, labels):
        if kind == "Service" or kind == "ReplicationController":
            spec = {"selector": selector} if kind == "Service" else {"replicas": 3, "selector": selector}
            return world.add(kind, name, "default", spec=spec)
        return world.add(kind, name, "default", api="apps/v1", spec={"replicas": 3, "selector": selector, "template": {
            "metadata": {"labels": labels}, "spec": {"containers": []}}})

    web = {"app": "web", "tier": "fe"}
    plans = [
        ("ReplicationController", {"app": "web"}, None), ("ReplicationController", {"app": "web", "tier": "fe"}, {"tier": "fe"}),
        ("StatefulSet", exprs(expr("app", "In", "web", "db"), expr("tier", "NotIn", "be")), None),
        ("ReplicaSet", {"matchLabels": {"app": "web"}, **exprs(expr("gone", "DoesNotExist"))}, {"app": "web"}),
        (None, None, {"app": "web"}), (None, None, {}), (None, None, {"app": "other"}), ("ReplicaSet", {"matchLabels": {"app": "db"}}, None),
    ]
    for number, (kind, selector, service) in enumerate(plans):
        world = World("edges", "builtinspread", number)
        for index in range(4 + number % 3):
            world.node(zone=[*"ab", None][index % 3] if number % 3 == 1 else "abc"[index % 3], cpu="4", memory="8Gi", host=index != 2)
        owner = controller(world, kind, "owner", selector, web) if kind else None
        if service is not None:
            controller(world, "Service", "svc", service, web)
            controller(world, "Service", "svc-be", {"tier": "be"}, web)
        for index, name in enumerate(world.nodes):
            for k in range((index * 2 + number) % 4):
                world.bound(name, labels={**web, "k": str(k)} if k != 1 else {"app": "db"}, owner=owner if k == 0 else None, deleted=k == 2,
                            namespace="team-a" if k == 3 else "default")
        world.pend(labels=web, owner=owner)
        world.pend(labels=web)
        world.pend(labels={"app": "db", "tier": "be"}, owner=owner)
        world.pend(owner=owner)
        world.pend(labels=web, owner=owner, namespace="team-a")
        yield world


def quantities():
    """Amounts at the rims of what a quantity and an int64 hold."""
    for number in range(4):
        world = World("edges", "quantities", number)
        for index in range(3 + number % 2):
            world.node(zone="z1", cpu=["1.5", "2e0", "0.0019k", "3"][(index + number) % 4],
                       memory=["4.5Gi", "5e9", "5E9", "4831838208", "3000M"][(index + number) % 5],
                       extra={FOO: ["9223372036854775807", "1P", "9007199254740993"][(index + number) % 3]})
        plans = [{"cpu": "0.1m", "memory": "1"}, {"cpu": "1500m", "memory": "100m"}, {"cpu": "1n"}, {"cpu": "0.0005", "memory": "0.5Ki"},
                 {"cpu": "1e-3", "memory": "1e9"}, {"memory": "128974848"}, {"cpu": "1u", "memory": "1Ti"}]
        for offset in range(5):
            world.pend(requests=plans[(number * 2 + offset) % len(plans)])
        world.pend(containers=[container(limits={FOO: "9007199254740992"})])
        yield world


def overflow():
    """So much of a resource that a hundred times it is no number any more: scores out of range end the attempt."""
    huge = ["90Pi", "95Pi", "1E", "7Ei"]
    for number in range(6):
        world = World("edges", "overflow", number)
        world.node(zone="z1", cpu="4", memory="8Gi")
        # One node alone is so large, as it is chance which of several is told.
        world.node(zone="z2", cpu=["9P", "16"][number % 2], memory=huge[number % 4])
        world.node(zone="z3", cpu="8", memory="16Gi")
        if number % 3 == 2:
            world.bound("node-01", requests={"cpu": "1", "memory": "80Pi"})
        world.pend()
        world.pend(nodeSelector={HOST: "node-01"})
        world.pend(requests={"memory": "70Pi"})
        world.pend(requests={"cpu": "1"})
        yield world


GROUPS = [overflow, zero_requests, above_allocatable, sidecars, pod_level, shapes, ignored, weights, resize, built_in_spread, quantities]
