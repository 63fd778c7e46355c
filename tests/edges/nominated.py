"""Pods that preemption has nominated to a node already: category `edges-nominated`."""

from volumes import MIGRATED, bound_claim, csi_node, inline, uses
from world import HOST, ZONE, World, expr, exprs, fields, name_in, required


def nominate(world, node, name, **more):
    """A pod that waits for its victims to leave `node`; nobody is asked about it."""
    found = world.pend(name=name, **more)
    world.pending.remove(f"{found['metadata']['namespace']}/{name}")
    found["status"]["nominatedNodeName"] = node
    return found


def nominated_and_asked(world, node, **more):
    found = world.pend(**more)
    found["status"]["nominatedNodeName"] = node
    return found


def spread(key, selector, skew=1, **more):
    return {"topologyKey": key, "maxSkew": skew, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": selector, **more}


def near(selector, key=HOST, anti=False):
    term = {"requiredDuringSchedulingIgnoredDuringExecution": [{"labelSelector": selector, "topologyKey": key}]}
    return {"podAntiAffinity" if anti else "podAffinity": term}


def named():
    """A pod that is nominated to a node outside those that its affinity names: the node is looked at all the same."""
    taint = {"key": "gpu", "value": "yes", "effect": "NoSchedule"}
    for number in range(6):
        world = World("edges-nominated", "named", number)
        for index in range(4):
            world.node(zone=f"z{index % 2 + 1}", cpu="2", memory="4Gi", unschedulable=index == number % 4,
                       taints=[taint] if index == (number + 1) % 4 else [])
        world.bound("node-02", requests={"cpu": "1900m", "memory": "3900Mi"}, priority=1000)
        only = lambda *names: {"nodeAffinity": required(fields(*name_in(*names)))}
        also = {"nodeAffinity": required(fields(*name_in("node-02")), {**exprs(expr(ZONE, "In", "z2")), **fields(*name_in("node-03"))})}
        big, small = {"cpu": "1500m", "memory": "1Gi"}, {"cpu": "50m", "memory": "16Mi"}
        nominated_and_asked(world, f"node-{number % 4:02}", affinity=only("node-02"), requests=big)
        nominated_and_asked(world, f"node-{(number + 1) % 4:02}", affinity=only("node-02"), requests=big)
        nominated_and_asked(world, f"node-{(number + 2) % 4:02}", affinity=also, requests=big)
        nominated_and_asked(world, "node-02", affinity=only("node-02"), requests=big)
        nominated_and_asked(world, "node-01", affinity=only("node-03"), requests=small)
        nominated_and_asked(world, "node-09", affinity=only("node-02"), requests=big)
        yield world


def many():
    """More pods than one are nominated to a node; those of lower priority do not count."""
    for number in range(4):
        world = World("edges-nominated", "many", number)
        for _ in range(3):
            world.node(zone="z1", cpu="4", memory="8Gi", pods=["110", "20"][number % 2])
        for index in range([3, 17, 19, 30][number]):
            nominate(world, "node-00", f"n{index}", requests={"cpu": "200m", "memory": "64Mi"}, priority=[0, 0, 100][index % 3])
        for index in range(2):
            nominate(world, "node-01", f"low{index}", requests={"cpu": "3", "memory": "64Mi"}, priority=-10)
        for index, priority in enumerate([0, 50, 200, -20, 0]):
            world.pend(requests={"cpu": ["500m", "1900m", "3"][(index + number) % 3], "memory": "128Mi"}, priority=priority)
        yield world


def rules():
    """What the rules that look at other pods make of pods that are only nominated."""
    web, nothing = {"matchLabels": {"app": "web"}}, {}
    for number in range(8):
        world = World("edges-nominated", "rules", number)
        for index in range(4):
            world.node(zone=f"z{index % 2 + 1}", cpu="4", memory="8Gi")
        if number % 3:
            world.bound("node-01", labels={"app": "web"})
        port = {"ports": [{"containerPort": 80, "hostPort": 8080, "protocol": "TCP"}]}
        container = {"name": "c0", "image": "app:v1", "resources": {"requests": {"cpu": "100m"}}, **port}
        nominate(world, "node-00", "n0", labels={"app": "web"}, containers=[container])
        nominate(world, f"node-0{number % 4}", "n1", labels={"app": "web"}, affinity=near(web, anti=True) if number % 2 else None)
        nominate(world, "node-02", "n2", namespace="team-a", labels={"app": "web"})
        world.pend(labels={"app": "web"}, topologySpreadConstraints=[spread(ZONE, [web, nothing][number % 2])])
        world.pend(labels={"app": "web"}, topologySpreadConstraints=[spread(HOST, nothing), spread(ZONE, web)])
        world.pend(labels={"app": "db"}, affinity=near(web, [HOST, ZONE][number % 2]))
        world.pend(labels={"app": "web"}, affinity=near(web, anti=True))
        world.pend(labels={"app": "web"}, containers=[container])
        yield world


def once():
    """Claims that only one pod may use, and disks: with no claim of the pod's own in use nobody looks at nominated pods."""
    for number in range(6):
        world = World("edges-nominated", "once", number)
        for _ in range(3):
            world.node(zone="z1", cpu="4", memory="8Gi")
        bound_claim(world, "one", modes=("ReadWriteOncePod",))
        bound_claim(world, "one", "team-a", modes=("ReadWriteOncePod",))
        bound_claim(world, "two", modes=("ReadWriteOncePod",))
        if number % 2:
            world.bound("node-01", volumes=uses("two"))
        disk = [{"name": "d", "gcePersistentDisk": {"pdName": "d1"}}]
        nominate(world, "node-00", "n0", volumes=uses("one"))
        nominate(world, "node-01", "n1", namespace="team-a", volumes=uses("one") + (disk if number % 3 == 2 else []))
        world.pend(volumes=uses("one"))
        world.pend(volumes=uses("one", "two"))
        world.pend(volumes=uses("one") + disk)
        world.pend(namespace="team-a", volumes=uses("one") + disk)
        world.pend(volumes=disk)
        yield world


def gated():
    """Nominated pods with scheduling gates, beside one without."""
    gate = [{"name": "example.com/wait"}]
    for number in range(3):
        world = World("edges-nominated", "gated", number)
        for _ in range(3):
            world.node(zone="z1", cpu="4", memory="8Gi")
        nominate(world, "node-00", "n0", requests={"cpu": "3", "memory": "64Mi"}, priority=[0, 10, 0][number], schedulingGates=gate)
        nominate(world, "node-01", "n1", requests={"cpu": "3", "memory": "64Mi"}, schedulingGates=gate if number == 2 else [])
        for priority in [0, 5, 20]:
            world.pend(requests={"cpu": "2", "memory": "64Mi"}, priority=priority)
        yield world


def faulty():
    """A nominated pod with a disk that no driver can take over: where it counts, the attempt fails."""
    for number, priority in enumerate([-1, 0, 1, 0]):
        world = World("edges-nominated", "faulty", number)
        for index in range(2):
            world.node(zone="z1", cpu="4", memory="8Gi")
            csi_node(world, f"node-0{index}", {"ebs.csi.aws.com": 2}, MIGRATED)
        bound_claim(world, "c0", source={"awsElasticBlockStore": {"volumeID": "vol-1"}})
        nominate(world, "node-00", "n0", volumes=inline({"awsElasticBlockStore": {"volumeID": "aws://z1/disk"}}), priority=priority)
        world.pend(volumes=uses("c0"), nodeSelector={HOST: "node-00"} if number == 3 else {})
        world.pend()
        yield world


GROUPS = [named, many, rules, once, gated, faulty]
