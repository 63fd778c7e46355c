"""DefaultPreemption: who may preempt, the victims on a node, and the choice among nodes: category `edges-preemption`."""

import itertools

from nominated import near, nominate, nominated_and_asked, spread
from topology import match, pods, term
from volumes import NOW, bound_claim, claim, csi_node, inline, on_hosts, storage_class, uses, volume
from world import HOST, ZONE, World, args, config, container, expr, exprs, fields, name_in, required

WEB, DB = {"app": "web"}, {"app": "db"}
LAST = 2**31 - 1
HOLD = {"key": "hold", "value": "yes", "effect": "NoSchedule"}


def cases(group):
    """Makes the worlds of a group, numbered in turn: nodes of 2 cores, in two zones by turns."""
    numbers = itertools.count()

    def new(count=2, conf=None, **same):
        world = World("edges-preemption", group, next(numbers), conf)
        for index in range(count):
            world.node(**{"zone": f"z{index % 2 + 1}", "cpu": "2", "memory": "8Gi", **same})
        return world
    return new


def day(number, second=0):
    return f"2023-10-{number:02}T00:00:{second:02}Z"


def runs(world, node, name, cpu="1", priority=0, start=day(1), status=None, **more):
    """A bound pod; `start` None where its kubelet has not said yet."""
    if "containers" not in more:
        more["requests"] = {"cpu": cpu, "memory": "64Mi"}
    found = world.bound(f"node-{node:02}", name=name, priority=priority, status=status, **more)
    if start:
        found["status"]["startTime"] = start
    else:
        del found["status"]["startTime"]
        found["status"]["phase"] = "Pending"
    return found


def asks(world, cpu="1500m", priority=100, **more):
    if "containers" not in more:
        more["requests"] = {"cpu": cpu, "memory": "64Mi", **more.pop("extra", {})}
    return world.pend(priority=priority, **more)


def disrupted(status="True", reason="PreemptionByScheduler"):
    return {"type": "DisruptionTarget", "status": status, "reason": reason, "lastProbeTime": None, "lastTransitionTime": "2023-11-14T22:00:00Z"}


PREEMPTED = {"conditions": [disrupted()]}


def budget(world, name, selector, allowed=0, namespace="default", gone=(), spec=None):
    spec = spec if spec is not None else {"selector": selector, "minAvailable": 1}
    status = {"disruptionsAllowed": allowed, "currentHealthy": 3, "desiredHealthy": 1, "expectedPods": 3, "observedGeneration": 1}
    if gone:
        status["disruptedPods"] = {pod: "2023-11-14T22:00:00Z" for pod in gone}
    world.add("PodDisruptionBudget", name, namespace, api="policy/v1", spec=spec, status=status)


def others():
    """Other pods nominated to the nodes: those of the same priority and above count, on every look at the node."""
    new = cases("others")
    for priority in [101, 100, 99]:
        world = new(1)
        runs(world, 0, "a")
        runs(world, 0, "b", "500m")
        nominate(world, "node-00", "n", requests={"cpu": "1", "memory": "64Mi"}, priority=priority)
        asks(world, "1")
        yield world
    for priority in [101, 100, 99]:
        world = new(2)
        for node in range(2):
            runs(world, node, f"a{node}", "2", start=day(1 + node))
        nominate(world, "node-01", "n", requests={"cpu": "1", "memory": "64Mi"}, priority=priority)
        asks(world, "1500m")
        yield world
    for priority, what in [(100, "port"), (99, "port"), (100, "anti"), (99, "anti"), (100, "near"), (100, "count")]:
        world = new(2)
        runs(world, 0, "a", "2")
        runs(world, 1, "b", "2", priority=5)
        port = {"ports": [{"containerPort": 80, "hostPort": 8080, "protocol": "TCP"}]}
        held = container(requests={"cpu": "100m"}, **port)
        if what == "port":
            nominate(world, "node-00", "n", containers=[held], priority=priority)
            asks(world, containers=[held])
        elif what == "anti":
            nominate(world, "node-00", "n", labels=DB, requests={"cpu": "100m"}, priority=priority, affinity=near({"matchLabels": WEB}, anti=True))
            asks(world, "500m", labels=WEB)
        elif what == "near":  # it must fit without the nominated pod too
            nominate(world, "node-00", "n", labels=DB, requests={"cpu": "100m"}, priority=priority)
            asks(world, "500m", affinity=near({"matchLabels": DB}))
        else:
            for index in range(3):
                nominate(world, "node-00", f"n{index}", requests={"cpu": "300m"}, priority=priority + index)
            asks(world, "1100m")
            asks(world, "1200m", priority=102)
        yield world


def own():
    """A preemptor that is nominated to a node already, where its victims may still be going."""
    new = cases("own")
    going = [dict(deleted=True, status=PREEMPTED), dict(deleted=True), dict(status=PREEMPTED),
             dict(deleted=True, status={"conditions": [disrupted("False")]}),
             dict(deleted=True, status={"conditions": [disrupted(reason="EvictionByEvictionAPI")]}),
             dict(deleted=True, status={"conditions": [disrupted(reason="DeletionByTaintManager"), disrupted()]}),
             dict(deleted=True, status={"conditions": [{"type": "Ready", "status": "True"}, disrupted()]}),
             dict(deleted=True, status=PREEMPTED, priority=100), dict(deleted=True, status=PREEMPTED, priority=99),
             dict(deleted=True, status={"conditions": [disrupted("Unknown")]})]
    for how in going:
        world = new(2)
        runs(world, 0, "a", "1", **how)
        runs(world, 0, "b", "1", priority=10)
        runs(world, 1, "c", "2", priority=20)
        nominated_and_asked(world, "node-00", requests={"cpu": "1500m", "memory": "64Mi"}, priority=100)
        yield world
    # The going victim is elsewhere; the nominated node is gone; it can't help any more.
    for nominated, taints in [("node-01", []), ("node-09", []), ("node-00", [HOLD])]:
        world = new(0)
        world.node(cpu="2", memory="8Gi", taints=taints)
        world.node(cpu="2", memory="8Gi")
        runs(world, 0, "a", "2", deleted=True, status=PREEMPTED)
        runs(world, 1, "b", "2", priority=20)
        nominated_and_asked(world, nominated, requests={"cpu": "1500m", "memory": "64Mi"}, priority=100)
        yield world
    # Cordoned; too small; out of the pod's affinity, which leaves it out of the round; rejected before any node is looked at.
    for what in ["cordon", "small", "affinity", "prefilter", "never", "never-gone"]:
        world = new(0)
        world.node(cpu="1" if what == "small" else "2", memory="8Gi", unschedulable=what == "cordon")
        world.node(cpu="2", memory="8Gi")
        runs(world, 0, "a", "900m", deleted=True, status=PREEMPTED)
        runs(world, 1, "b", "2", priority=20)
        more = {"affinity": {"nodeAffinity": required(fields(*name_in("node-01")))}} if what == "affinity" else {}
        more |= {"volumes": uses("missing")} if what == "prefilter" else {}
        more |= {"preemptionPolicy": "Never"} if what.startswith("never") else {}
        nominated_and_asked(world, "node-09" if what == "never-gone" else "node-00", requests={"cpu": "1500m", "memory": "64Mi"}, priority=100, **more)
        yield world
    # Two pods are nominated; the second waits for the first one's victims.
    world = new(1)
    runs(world, 0, "a", "2", deleted=True, status=PREEMPTED)
    for priority in [100, 50, 0]:
        nominated_and_asked(world, "node-00", requests={"cpu": "1", "memory": "64Mi"}, priority=priority)
    yield world


def terminating():
    """Victims that are going already, for whatever reason."""
    new = cases("terminating")
    for number in range(6):
        world = new(3)
        how = [dict(deleted=True), dict(deleted=True, status=PREEMPTED), dict(status=PREEMPTED)][number % 3]
        runs(world, 0, "a", "1", **how)
        runs(world, 0, "b", "1", start=day(2))
        runs(world, 1, "c", "2", priority=number // 3)
        runs(world, 2, "d", "2", priority=200, **how)
        asks(world, "500m")
        asks(world, "1500m", priority=300)
        yield world
    # Under a constraint going pods are not counted, but their leaving is.
    for number in range(8):
        world = new(2)
        key = [ZONE, HOST][number % 2]
        runs(world, 0, "a", "100m", labels=WEB, deleted=True, status=PREEMPTED if number & 2 else None)
        runs(world, 0, "b", "100m", labels=WEB, start=day(2))
        if number & 4:
            runs(world, 0, "c", "100m", labels=WEB, start=day(3))
            runs(world, 1, "g", "100m", labels=WEB, deleted=True)
        runs(world, 1, "full", "1800m", priority=1000)
        asks(world, "500m", labels=WEB, topologySpreadConstraints=[spread(key, {"matchLabels": WEB})])
        yield world
    # With anti-affinity they still stand in the way.
    for number in range(2):
        world = new(1)
        runs(world, 0, "a", "100m", labels=WEB, deleted=True, status=PREEMPTED if number else None)
        asks(world, "500m", labels=DB, affinity=near({"matchLabels": WEB}, anti=True))
        yield world


def budgets():
    """Which evictions violate a budget, and which victims are spared first."""
    new = cases("budgets")
    web = {"matchLabels": WEB}

    def four(world, node=0, cpu="500m", labels=WEB):
        for index in range(4):
            runs(world, node, f"v{node}{index}", cpu, priority=index, labels=labels, start=day(index + 1))

    for allowed in [0, 1, 2, 3, -1, -(2**31), LAST]:
        world = new(1)
        four(world)
        budget(world, "b", web, allowed)
        asks(world, "1500m")
        yield world
    # Counted as disrupted already: all, one, one of that name elsewhere.
    for gone, allowed in [(("v00", "v01", "v02", "v03"), 0), (("v03",), 1), (("v00",), 1), (("other",), 1)]:
        world = new(1)
        four(world)
        budget(world, "b", web, allowed, gone=gone)
        asks(world, "1500m")
        yield world
    # Two budgets on the same pods: one, the other, both, none violated.
    for first, second in [(0, 4), (4, 0), (0, 0), (4, 4)]:
        world = new(1)
        four(world)
        budget(world, "b1", web, first)
        budget(world, "b2", {"matchExpressions": [expr("app", "In", "web", "db")]}, second)
        asks(world, "1500m")
        yield world
    # Two that share some of the pods; whether the second is counted down too is not told by their order, which is chance.
    for first, second in [(1, 1), (1, 2), (0, 2)]:
        world = new(1)
        for index in range(4):
            runs(world, 0, f"v{index}", "500m", priority=index, labels=WEB if index % 2 else {"app": "web", "tier": "gold"}, start=day(index + 1))
        budget(world, "b1", web, first)
        budget(world, "b2", {"matchLabels": {"tier": "gold"}}, second)
        asks(world, "1500m")
        yield world
    # Which budgets say something about which pods.
    selectors = [{}, None, {"matchExpressions": [expr("tier", "DoesNotExist")]}, {"matchExpressions": [expr("app", "NotIn", "db")]},
                 {"matchExpressions": [expr("app", "Exists")]}, {"matchLabels": {"app": "db"}, "matchExpressions": [expr("app", "In", "db")]},
                 {"matchExpressions": [expr("app", "In", "web"), expr("tier", "NotIn", "gold")]}]
    for selector in selectors:
        world = new(1)
        for index, labels in enumerate([None, WEB, DB, {"tier": "gold"}, {"app": "web", "tier": "gold"}]):
            runs(world, 0, f"v{index}", "400m", priority=index % 2, labels=labels, start=day(index + 1))
        budget(world, "b", selector, spec={"minAvailable": 1} if selector is None else None)
        asks(world, "800m")
        yield world
    # Of another namespace; victims of both.
    for number in range(2):
        world = new(1)
        for index in range(4):
            runs(world, 0, f"v{index}", "500m", priority=index, labels=WEB, namespace=["default", "team-a"][index % 2], start=day(index + 1))
        budget(world, "b", web, number, "team-a")
        budget(world, "c", web, 0, "team-b")
        asks(world, "900m")
        asks(world, "500m", namespace="team-a", priority=200)
        yield world
    # The pod whose eviction would violate is spared before one of a higher priority, unless the sizes do not allow it.
    for sizes in [("1", "1"), ("1500m", "500m"), ("500m", "1500m")]:
        world = new(1)
        runs(world, 0, "guarded", sizes[0], labels=WEB)
        runs(world, 0, "above", sizes[1], priority=50)
        budget(world, "b", web)
        asks(world, "1")
        yield world
    # Victims of both kinds come in the order of importance in the end.
    world = new(1)
    for index in range(6):
        runs(world, 0, f"v{index}", "300m", priority=index // 2, labels=WEB if index % 2 else None, start=day(9 - index))
    budget(world, "b", web, 1)
    asks(world, "1900m")
    yield world
    # Those that have not started are in the order of arrival from 1.37 on, also where only the later one violates.
    for allowed in [1, 2, 3]:
        world = new(1)
        for index in range(4):
            runs(world, 0, f"v{index}", "500m", priority=1, labels=WEB, start=day(1) if index == 0 else None)
        runs(world, 0, "low", "0", priority=0)
        budget(world, "b", web, allowed)
        asks(world, "1900m")
        yield world
    # A budget for going pods; one that nothing is left of after an eviction of this round.
    for number in range(2):
        world = new(2)
        four(world, 0)
        four(world, 1)
        if number:
            for item in world.objects:
                if item["metadata"]["name"] == "v03":
                    item["metadata"] |= {"deletionTimestamp": "2023-11-14T22:00:00Z", "deletionGracePeriodSeconds": 30}
        budget(world, "b", web, 2)
        asks(world, "900m")
        asks(world, "900m")
        yield world


def order():
    """Victims in turn: priority, then start; those that have not started."""
    new = cases("order")
    for starts in [(day(1), day(2), day(3)), (day(3), day(1), day(2)), (day(2, 1), day(2, 0), day(2, 2))]:
        world = new(1)
        for index, start in enumerate(starts):
            runs(world, 0, f"v{index}", "600m", start=start)
        asks(world, "700m")
        asks(world, "1500m", priority=101)
        yield world
    for starts in [(None, day(1), day(3)), (day(1), None, day(3)), (day(1), day(3), None)]:
        world = new(1)
        for index, start in enumerate(starts):
            runs(world, 0, f"v{index}", "600m", start=start)
        asks(world, "700m")
        asks(world, "1500m", priority=101)
        yield world
    # One that has not started is more important than one of a lower priority.
    world = new(1)
    for index, start in enumerate([None, day(1), None]):
        runs(world, 0, f"v{index}", "600m", priority=index, start=start)
    asks(world, "700m")
    yield world
    # Starts before 1970, and after today.
    world = new(1)
    for index, start in enumerate(["1960-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z"]):
        runs(world, 0, f"v{index}", "600m", start=start)
    asks(world, "700m")
    asks(world, "1300m", priority=101)
    yield world
    # More victims than one, each of another size: the sparing skips one and takes a later one.
    for sizes in [("1", "700m", "300m"), ("300m", "1", "700m"), ("700m", "300m", "1")]:
        world = new(1)
        for index, size in enumerate(sizes):
            runs(world, 0, f"v{index}", size, priority=2 - index)
        asks(world, "900m")
        asks(world, "250m", priority=3)
        yield world
    # Alike in both: in the order of arrival. Up to 12 are sorted by insertion; of more, Go's pdqsort, which is not stable, makes an order that
    # is not followed.
    for count, start in [(3, day(1)), (12, day(1)), (3, None), (12, None)]:
        world = new(1)
        for index in range(count):
            runs(world, 0, f"v{index:02}", "100m", start=start)
        runs(world, 0, "top", f"{2000 - 100 * count}m", priority=200)
        asks(world, "250m")
        yield world
    for count, turns in [(12, 3), (12, 5), (13, 1)]:
        world = new(1)
        for index in range(count):
            runs(world, 0, f"v{index:02}", f"{1800 // count}m", priority=index * 7 % turns)
        runs(world, 0, "top", "200m", priority=200)
        asks(world, f"{1800 // count * 2 // 3 * (count // 2)}m")
        asks(world, "1700m", priority=101)
        yield world
    # Some of them have not started.
    world = new(1)
    for index in range(6):
        runs(world, 0, f"v{index}", "300m", priority=index // 4, start=day(3) if index % 3 else None)
    asks(world, "1100m")
    yield world
    # 20 of them, no two alike.
    world = new(1)
    for index in range(20):
        runs(world, 0, f"v{index:02}", "100m", priority=index * 7 % 5, start=day(1 + index))
    asks(world, "650m")
    asks(world, "1900m", priority=101)
    yield world


def choice():
    """Two or three candidates, of which one rule alone makes the best."""
    new = cases("choice")
    web = {"matchLabels": WEB}
    # Violations come first, whatever the priorities.
    for number in range(3):
        world = new(2)
        runs(world, 0, "a", "2", labels=WEB, priority=-5)
        runs(world, 1, "b", "2", labels=DB, priority=50 if number else -5)
        budget(world, "g", web)
        if number == 2:
            budget(world, "h", {"matchLabels": DB})
        asks(world)
        yield world
    # The highest priority, against sums and counts.
    low = -(2**31)
    for one, two in [([5], [4, 4, 4]), ([0], [-1, -1]), ([low + 1], [low, low]), ([99], [98, 98, 98]), ([low], [low + 1])]:
        world = new(2)
        for node, listed in enumerate([one, two]):
            for index, priority in enumerate(listed):
                runs(world, node, f"v{node}{index}", f"{2000 // len(listed)}m", priority=priority)
        asks(world, "1900m")
        yield world
    # The sum: each raised by 2^31, so that a few of a low priority weigh more than one.
    for one, two in [([5, 1], [5, 2]), ([5, 5], [5, 4]), ([-5], [-5, -5]), ([0, -100, -100], [0, -300]), ([low, low], [low, low, low]), ([5], [5, low]),
                     ([5, low], [5, low, low]), ([5, low, low], [5, low + 1])]:
        world = new(2)
        for node, listed in enumerate([one, two]):
            for index, priority in enumerate(listed):
                runs(world, node, f"v{node}{index}", f"{1980 // len(listed)}m", priority=priority)
        asks(world, "1900m")
        yield world
    # Near the ends of the numbers.
    for top in [LAST, LAST - 1]:
        world = new(3)
        runs(world, 0, "a", "2", priority=LAST - 1)
        runs(world, 1, "b0", "1", priority=LAST - 2)
        runs(world, 1, "b1", "1", priority=LAST - 2)
        runs(world, 2, "c", "2", priority=LAST)
        asks(world, "1900m", priority=top)
        asks(world, "1900m", priority=LAST)
        yield world
    world = new(2)
    for index, priority in enumerate([low, low + 1]):
        runs(world, index, f"v{index}", "2", priority=priority)
    for priority in [low, low + 1, low + 2]:
        asks(world, "1900m", priority=priority)
    yield world
    # The count alone: only pods of the least priority add nothing to the sum.
    for one, two in [([7, low], [7]), ([7, low, low], [7, low]), ([low, low, low], [low])]:
        world = new(2)
        for node, listed in enumerate([one, two]):
            for index, priority in enumerate(listed):
                runs(world, node, f"v{node}{index}", f"{1980 // len(listed)}m", priority=priority, start=day(9 - node))
        asks(world, "1900m")
        yield world
    # The start of the most important ones: the latest of the earliest.
    for one, two in [([(5, 3)], [(5, 4)]), ([(5, 4)], [(5, 3)]), ([(5, 1), (5, 9)], [(5, 2), (5, 3)]), ([(5, 4), (1, 1)], [(5, 3), (1, 9)])]:
        world = new(2)
        for node, listed in enumerate([one, two]):
            for index, (priority, start) in enumerate(listed):
                runs(world, node, f"v{node}{index}", f"{2000 // len(listed)}m", priority=priority, start=day(start))
        asks(world, "1900m")
        yield world
    # Not started: later than any.
    for starts in [(None, day(9)), (day(9), None), (None, None), (None, None, day(9))]:
        world = new(len(starts))
        for node, start in enumerate(starts):
            runs(world, node, f"v{node}", "2", start=start)
        asks(world, "1900m")
        yield world
    # Equal candidates.
    for count in [2, 3, 5]:
        world = new(count + 1)
        for node in range(count):
            runs(world, node, f"v{node}", "2")
        runs(world, count, "other", "2", priority=1)
        for _ in range(2):
            asks(world, "1900m")
        yield world
    # Of the equal ones, violations were the same on both.
    world = new(3)
    for node in range(3):
        for index in range(2):
            runs(world, node, f"v{node}{index}", "1", labels=WEB if index < 1 + node % 2 else None)
    budget(world, "g", web, 0)
    asks(world, "1900m")
    yield world


def spreading():
    """Constraints of the preemptor that only victims keep it from."""
    new = cases("spread")
    web = {"matchLabels": WEB}
    for number in range(4):
        world = new(2 + number // 2)
        key = [ZONE, HOST][number % 2]
        for index in range(3):
            runs(world, 0, f"a{index}", "100m", labels=WEB, priority=index)
        runs(world, 1, "b", "100m", labels=WEB)
        runs(world, 1, "full", "1800m", priority=1000)
        asks(world, "500m", labels=WEB, topologySpreadConstraints=[spread(key, web)])
        yield world
    # More skew; the preemptor is not of those counted; several zones are at the minimum; too few domains.
    for more, labels in [(dict(skew=2), WEB), (dict(), DB), (dict(minDomains=2), WEB), (dict(minDomains=3), WEB), (dict(minDomains=5), DB)]:
        world = new(4)
        for node, count in enumerate([3, 1, 0, 2]):
            for index in range(count):
                runs(world, node, f"v{node}{index}", "100m", labels=WEB, priority=index)
        for node in range(4):
            runs(world, node, f"f{node}", "1600m" if node in (0, 3) else "1900m", priority=0 if node == 3 else 1000)
        asks(world, "400m", labels=labels, topologySpreadConstraints=[spread(ZONE, web, **more)])
        yield world
    # Nodes that the pod can't go to, counted or not.
    for affinity, taint in [("Honor", "Ignore"), ("Ignore", "Ignore"), ("Honor", "Honor"), ("Ignore", "Honor")]:
        world = new(0)
        world.node(zone="z1", cpu="2", memory="8Gi", labels={"disk": "ssd"})
        world.node(zone="z2", cpu="2", memory="8Gi")
        world.node(zone="z3", cpu="2", memory="8Gi", labels={"disk": "ssd"}, taints=[HOLD])
        world.node(zone="z4", cpu="2", memory="8Gi", labels={"disk": "ssd"})
        for node, count in enumerate([3, 1, 0, 2]):
            for index in range(count):
                runs(world, node, f"v{node}{index}", "100m", labels=WEB, priority=index)
        runs(world, 3, "full", "1800m", priority=1000)
        asks(world, "500m", labels=WEB, nodeSelector={"disk": "ssd"},
             topologySpreadConstraints=[spread(ZONE, web, nodeAffinityPolicy=affinity, nodeTaintsPolicy=taint)])
        yield world
    # Two constraints: what the one wants gone the other wants kept.
    world = new(4)
    for node, count in enumerate([2, 1, 1, 1]):
        for index in range(count):
            runs(world, node, f"v{node}{index}", "100m", labels=WEB)
    asks(world, "1950m", labels=WEB, topologySpreadConstraints=[spread(ZONE, web), spread(HOST, web)])
    yield world
    # Evictions on one node of a zone make the zone the one with fewest; nodes without the key can't be helped.
    world = new(3)
    world.node(cpu="2", memory="8Gi")
    for node, count in enumerate([2, 2, 2, 0]):
        for index in range(count):
            runs(world, node, f"v{node}{index}", "1", labels=WEB, priority=index)
    runs(world, 3, "w", "2")
    asks(world, "1", labels=WEB, topologySpreadConstraints=[spread(ZONE, web)])
    yield world
    # Victims of another namespace are not counted.
    world = new(2)
    runs(world, 0, "a", "100m", labels=WEB, namespace="team-a")
    runs(world, 0, "b", "100m", labels=WEB)
    runs(world, 0, "c", "100m", labels=WEB, priority=200)
    runs(world, 1, "full", "2", priority=1000)
    asks(world, "500m", labels=WEB, topologySpreadConstraints=[spread(ZONE, web, 2)])
    asks(world, "500m", labels=WEB, topologySpreadConstraints=[spread(HOST, web)])
    yield world


def affinity():
    """Affinity and anti-affinity that only a victim breaks, or satisfies."""
    new = cases("affinity")
    web = {"matchLabels": WEB}
    # The preemptor's own.
    for key in [HOST, ZONE]:
        world = new(3)
        runs(world, 0, "a", "100m", labels=WEB)
        runs(world, 1, "b", "100m", labels=WEB, priority=200)
        runs(world, 2, "c", "2", priority=1)
        asks(world, "500m", labels=DB, affinity=near(web, key, anti=True))
        yield world
    # That of a victim, and of pods that are none.
    for priority, key in [(0, HOST), (200, HOST), (0, ZONE), (200, ZONE)]:
        world = new(2)
        runs(world, 0, "a", "100m", priority=priority, affinity=near(web, key, anti=True))
        runs(world, 1, "full", "2", priority=5)
        asks(world, "500m", labels=WEB)
        yield world
    # Affinity to a victim: without it the pod does not fit, so it stays or there is no candidate.
    for number in range(4):
        world = new(2)
        runs(world, 0, "mate", "500m", labels=WEB, priority=[0, 200][number % 2])
        runs(world, 0, "fill", "1500m", priority=1)
        runs(world, 1, "full", "2")
        asks(world, "1", affinity=near(web, [HOST, ZONE][number // 2]))
        yield world
    # The first of its kind: it needs no mate where no pod matches, which is so once the last is off.
    for number in range(2):
        world = new(2)
        runs(world, 0, "mate", "2", labels=WEB)
        if number:
            runs(world, 1, "far", "1900m", labels=WEB, priority=200)
        else:
            runs(world, 1, "far", "2", priority=200)
        asks(world, "1", labels=WEB, affinity=near(web))
        yield world
    # A mate in the same zone on another node.
    world = new(3)
    runs(world, 0, "mate", "100m", labels=WEB)
    runs(world, 2, "fill", "2", priority=3)
    runs(world, 0, "top", "1900m", priority=200)
    runs(world, 1, "full", "2")
    asks(world, "1", affinity=near(web, ZONE))
    yield world
    # In a zone with the forbidden pods on two nodes no single node helps.
    world = new(4)
    runs(world, 0, "a", "100m", labels=WEB)
    runs(world, 2, "b", "100m", labels=WEB)
    runs(world, 1, "c", "100m", labels=WEB, priority=2)
    asks(world, "500m", affinity=near(web, ZONE, anti=True))
    yield world
    # Both sides at once, and other namespaces.
    for number in range(2):
        world = new(2)
        runs(world, 0, "a", "100m", labels=DB, namespace="team-a", affinity=pods(far=[term(HOST, web, namespaces=["default"])]))
        runs(world, 0, "b", "100m", labels=WEB, namespace="team-a", priority=1)
        runs(world, 1, "c", "100m", labels=DB, priority=200)
        own = term(HOST, match(app="db") if number else web, namespaceSelector={} if number else {"matchLabels": {"team": "a"}})
        asks(world, "500m", labels=WEB, affinity=pods(far=[own]))
        yield world


def ports():
    """Ports of the host that victims hold."""
    new = cases("ports")
    hold = lambda port, ip="", protocol="TCP", cpu="100m": [container(requests={"cpu": cpu}, ports=[
        {"containerPort": 80, "hostPort": port, "protocol": protocol, **({"hostIP": ip} if ip else {})}])]
    for priority in [0, 100, 200]:
        world = new(1)
        runs(world, 0, "a", priority=priority, containers=hold(8080))
        runs(world, 0, "b", "100m")
        asks(world, containers=hold(8080))
        yield world
    # Two pods with the same port on a node. Where one of them is not below the preemptor, the port counts as free once the other is taken off, and
    # stays so: that is not followed.
    for order in [(0, 0), (50, 0)]:
        world = new(2)
        for index, priority in enumerate(order):
            runs(world, 0, f"v{index}", priority=priority, containers=hold(8080), start=day(1 + index))
        runs(world, 1, "c", priority=99, containers=hold(8080))
        asks(world, containers=hold(8080))
        yield world
    for ip, other, protocol in [("10.0.0.1", "", "TCP"), ("", "10.0.0.1", "TCP"), ("10.0.0.1", "10.0.0.2", "TCP"), ("", "", "UDP")]:
        world = new(1)
        runs(world, 0, "a", containers=hold(8080, ip))
        runs(world, 0, "b", containers=hold(8080, other, protocol, "1800m"))
        asks(world, containers=hold(8080, "10.0.0.1", "TCP", "200m"))
        yield world


def disks():
    """Claims, limits and disks that victims hold."""
    new = cases("disks")
    for number in range(4):
        world = new(2)
        bound_claim(world, "one", modes=("ReadWriteOncePod",))
        bound_claim(world, "one", "team-a", modes=("ReadWriteOncePod",) if number % 2 else ("ReadWriteOnce",))
        runs(world, 0, "a", "100m", volumes=uses("one"), priority=[0, 0, 200, 0][number])
        runs(world, 1, "b", "100m", namespace="team-a", volumes=uses("one"))
        if number == 3:
            runs(world, 1, "c", "2", priority=1)
        asks(world, "500m", volumes=uses("one"))
        asks(world, "500m", volumes=uses("one"), namespace="team-a", priority=150)
        yield world
    # Two claims of the pod's are in use, on one node and on two; the same one by two pods.
    for number in range(3):
        world = new(2)
        bound_claim(world, "one", modes=("ReadWriteOncePod",))
        bound_claim(world, "two", modes=("ReadWriteOncePod",))
        runs(world, 0, "a", "100m", volumes=uses("one"))
        runs(world, [0, 1, 0][number], "b", "100m", volumes=uses("two" if number < 2 else "one"), priority=1)
        asks(world, "500m", volumes=uses("one", "two"))
        yield world
    # A driver's limit; a volume that the victim and the preemptor share.
    for number in range(5):
        world = new(2)
        for node in range(2):
            csi_node(world, f"node-{node:02}", {"pd.csi.example": 2})
        for name in "abcd":
            bound_claim(world, name)
        runs(world, 0, "v0", "100m", volumes=uses("a"), priority=1)
        runs(world, 0, "v1", "100m", volumes=uses("b") if number != 3 else uses("a", "b"), start=day(2))
        runs(world, 1, "w", "100m", volumes=uses("a", "d"), priority=[5, 5, 200, 200, 5][number])
        asks(world, "500m", volumes=uses("c") if number != 1 else uses("c", "a") if number != 4 else uses("a", "b", "c"))
        yield world
    # In-tree disks; read by all, or written by one.
    disk = lambda name, only=False: {"gcePersistentDisk": {"pdName": name, "readOnly": only}}
    rbd = lambda only=False: {"rbd": {"monitors": ["m1", "m2"], "image": "i", "pool": "rbd", "readOnly": only}}
    scsi = lambda only=False: {"iscsi": {"targetPortal": "10.0.0.1:3260", "iqn": "iqn.2001-04.com.example:x", "lun": 0, "readOnly": only}}
    plans = [([disk("d")], [disk("d")]), ([disk("d", True)], [disk("d", True)]), ([disk("d", True)], [disk("d")]), ([rbd()], [rbd()]),
             ([scsi(True)], [scsi()]), ([disk("d"), disk("e")], [disk("e")])]
    for held, wanted in plans:
        world = new(2)
        runs(world, 0, "a", "100m", volumes=inline(*held))
        runs(world, 0, "b", "100m")
        runs(world, 1, "c", "100m", volumes=inline(*held), priority=200)
        asks(world, "500m", volumes=inline(*wanted))
        yield world


def waiting():
    """A preemptor whose claims wait for a node, beside victims."""
    new = cases("waiting")
    for number in range(4):
        world = new(3)
        storage_class(world, "local", "kubernetes.io/no-provisioner")
        storage_class(world, "made", topologies=[{"matchLabelExpressions": [{"key": ZONE, "values": ["z2"]}]}])
        volume(world, "pv0", "2Gi", "local", affinity=on_hosts("node-00"))
        volume(world, "pv1", "1Gi", "local", affinity=on_hosts("node-02"))
        claim(world, "c", sc=["local", "made"][number % 2], size="1Gi")
        for node in range(3):
            runs(world, node, f"v{node}", "2", priority=[3, 2, 1][node] if number < 2 else 1, start=day(1 + node))
        asks(world, volumes=uses("c"))
        yield world


def pod():
    """What the preemptor itself brings: its policy, its priority, what it asks for."""
    new = cases("pod")
    for policy in ["Never", "PreemptLowerPriority", None]:
        world = new(1)
        world.add("PriorityClass", "high", api="scheduling.k8s.io/v1", value=1000, preemptionPolicy="Never")
        runs(world, 0, "a", "2")
        found = asks(world, priorityClassName="high")
        if policy:
            found["spec"]["preemptionPolicy"] = policy
        else:
            del found["spec"]["preemptionPolicy"]
        yield world
    # The number in the spec counts, not that of the class, which may have changed since; without one it is 0.
    for number in range(4):
        world = new(1)
        if number < 3:
            world.add("PriorityClass", "high", api="scheduling.k8s.io/v1", value=1000)
        held = runs(world, 0, "a", "2", priority=[5, 6, 0, -1][number], priorityClassName="high")
        found = asks(world, priority=[6, 5, 1, 0][number], priorityClassName="high")
        if number > 1:
            item = held if number == 2 else found
            item["spec"].pop("priority")
            item["spec"].pop("priorityClassName")
        yield world
    # Where it has policy Never and the node is looked at by others too.
    world = new(1)
    runs(world, 0, "a", "2")
    asks(world, preemptionPolicy="Never")
    asks(world, priority=50)
    yield world
    # The number of pods; pods that ask for nothing.
    for limit, priority in [("2", 0), ("2", 100), ("1", 0), ("3", 0)]:
        world = new(1, pods=limit)
        runs(world, 0, "a", "100m", priority=priority)
        runs(world, 0, "b", "100m", priority=priority, start=day(2))
        asks(world, "100m")
        asks(world, containers=[container(requests={})], priority=100)
        yield world
    world = new(1)
    runs(world, 0, "a", containers=[container(requests={})])
    runs(world, 0, "b", "2", priority=1)
    asks(world, "500m")
    yield world
    # Extended resources: held by victims, by none, on no node at all.
    for number in range(3):
        world = new(2, extra={"example.com/foo": "2"})
        for node in range(2):
            runs(world, node, f"v{node}", containers=[container(requests={"cpu": "100m", "example.com/foo": ["2", "1", "2"][number]},
                                                                limits={"example.com/foo": ["2", "1", "2"][number]})], priority=node)
            runs(world, node, f"w{node}", "100m", priority=-5)
        wanted = ["1", "2", "3"][number]
        asks(world, containers=[container(requests={"cpu": "100m", "example.com/foo": wanted}, limits={"example.com/foo": wanted})])
        yield world
    # Init containers, sidecars and overhead, of victims and of the preemptor.
    init = lambda cpu, **more: container("i0", requests={"cpu": cpu}, **more)
    for number in range(4):
        world = new(2)
        plan = [dict(initContainers=[init("1500m")]), dict(initContainers=[init("500m", restartPolicy="Always")]), dict(overhead={"cpu": "700m"}),
                dict(initContainers=[init("500m", restartPolicy="Always"), container("i1", requests={"cpu": "900m"})], overhead={"cpu": "100m"})][number]
        runs(world, 0, "a", "300m", **plan)
        runs(world, 0, "b", "400m", priority=1)
        runs(world, 1, "c", "2", priority=1)
        asks(world, "900m", **plan)
        yield world
    # A node without enough for anyone is left alone; its message is counted beside.
    world = new(0)
    for cpu in ["1", "2", "2", "4"]:
        world.node(cpu=cpu, memory="8Gi")
    runs(world, 1, "a", "1", priority=100)
    runs(world, 2, "b", "1", priority=100)
    runs(world, 2, "c", "500m")
    runs(world, 3, "d", "3500m", priority=101)
    asks(world, "1500m")
    yield world


def hopeless():
    """Nodes that no eviction helps, beside one that it does; rounds that end before any node."""
    new = cases("hopeless")
    for number in range(6):
        world = new(0)
        world.node(zone="z1", cpu="2", memory="8Gi", taints=[HOLD])
        world.node(zone="z2", cpu="2", memory="8Gi", unschedulable=True)
        world.node(zone="z1", cpu="2", memory="8Gi", labels={"disk": "ssd"})
        world.node(zone="z2", cpu="1", memory="8Gi", labels={"disk": "ssd"})
        world.node(zone="z2", cpu="2", memory="8Gi", taints=[{**HOLD, "effect": "NoExecute"}])
        for node in range(5):
            runs(world, node, f"v{node}", "1", priority=200 if node == 2 and number == 5 else 0)
        more = [dict(), dict(nodeSelector={"disk": "ssd"}), dict(affinity={"nodeAffinity": required(fields(*name_in("node-00", "node-02", "node-03")))}),
                dict(affinity={"nodeAffinity": required(fields(*name_in("node-09")))}), dict(tolerations=[{"key": "hold", "operator": "Exists"}]), dict()][number]
        asks(world, **more)
        yield world
    # PreFilter's rejections.
    for number in range(5):
        world = new(2)
        storage_class(world, "now", mode=NOW)
        claim(world, "soon", sc="now")
        runs(world, 0, "a", "2")
        runs(world, 1, "b", "2", priority=1)
        more = [dict(volumes=uses("soon")), dict(volumes=uses("missing")),
                dict(affinity={"nodeAffinity": required(fields(*name_in("node-00")), fields(*name_in("node-05")))}),
                dict(affinity={"nodeAffinity": required({**fields(*name_in("node-00")), **exprs(expr(ZONE, "In", "z2"))})}),
                dict(volumes=uses("missing"), preemptionPolicy="Never")][number]
        asks(world, **more)
        yield world
    # All pods may stay although the node was rejected: no such node; nodes without victims beside those with.
    for priorities in [(100, 0), (100, 100), (200, 0)]:
        world = new(3)
        runs(world, 0, "a", "2", priority=priorities[0])
        runs(world, 1, "b", "2", priority=priorities[1])
        runs(world, 2, "c", "1", priority=priorities[1])
        runs(world, 2, "d", "1", priority=150)
        asks(world, "1500m")
        yield world
    # No nodes at all.
    world = new(0)
    asks(world)
    yield world


def queue():
    """Several pods in turn: what the first evicts, the next sees."""
    new = cases("queue")
    # Upwards, downwards, equal.
    for listed in [(10, 20, 30), (30, 20, 10), (10, 10, 10), (0, 50, 0, 100)]:
        world = new(1)
        runs(world, 0, "a", "1500m", priority=5)
        for priority in listed:
            asks(world, "1200m", priority=priority)
        yield world
    # Those bound in this round have starts of their own.
    world = new(2)
    for priority in [0, 0, 0, 0]:
        asks(world, "900m", priority=priority)
    for priority in [10, 20, 30, 40]:
        asks(world, "1", priority=priority)
    yield world
    # A budget that one eviction uses up is not told so here: it stays as the cluster said.
    world = new(3)
    for node in range(3):
        runs(world, node, f"v{node}", "2", labels=WEB, start=day(1 + node))
    budget(world, "b", {"matchLabels": WEB}, 1)
    for _ in range(4):
        asks(world, "1500m")
    yield world
    # Pods without labels that were bound in this round are in no budget either, whatever its selector. (The node has no zone: from 1.35
    # on the API server would give its name to the pod as a label.)
    for selector in [{"matchExpressions": [expr("tier", "DoesNotExist")]}, {"matchExpressions": [expr("tier", "NotIn", "gold")]}]:
        world = new(1, zone=None)
        budget(world, "b", selector)
        asks(world, "900m", priority=60)
        asks(world, "900m", priority=60, labels=WEB)
        asks(world, "1500m")
        yield world
    # The claim for one pod that two pods on a node have is still in use when one of them went; then for the third time nobody asks.
    for number in range(2):
        world = new(2)
        bound_claim(world, "one", modes=("ReadWriteOncePod",))
        runs(world, 0, "a", "1", volumes=uses("one"))
        runs(world, 0, "b", "100m", volumes=uses("one"), priority=1)
        runs(world, 0, "c", "100m", volumes=uses("one"), priority=2, deleted=number == 1, status=PREEMPTED)
        runs(world, 1, "d", "1500m", priority=200)
        asks(world, "500m", volumes=uses("one"))
        asks(world, "1")
        asks(world, "1", priority=0)
        yield world
    # Pods of lower priority take what a victim left over.
    world = new(2)
    runs(world, 0, "a", "2")
    runs(world, 1, "b", "2", priority=1)
    asks(world, "500m")
    asks(world, "1500m", priority=0)
    asks(world, "500m", priority=2)
    asks(world, "1500m", priority=2)
    yield world
    # Spread and anti-affinity among the preemptors.
    for number in range(2):
        world = new(3)
        for node in range(3):
            runs(world, node, f"v{node}", "2", priority=node)
        for _ in range(4):
            more = dict(affinity=near({"matchLabels": WEB}, anti=True)) if number else dict(topologySpreadConstraints=[spread(HOST, {"matchLabels": WEB})])
            asks(world, "500m", labels=WEB, **more)
        asks(world, "500m", labels=WEB, priority=200, **more)
        yield world


def configs():
    """Profiles: without preemption, in another order, two of them; filters that are off."""
    new = cases("configs")
    off = lambda *names: {"disabled": [{"name": name} for name in names]}
    on = lambda *names: {"enabled": [{"name": name} for name in names]}
    plans = [{"postFilter": off("DefaultPreemption")}, {"postFilter": off("*")}, {"multiPoint": off("DefaultPreemption")},
             {"multiPoint": off("DynamicResources")}, {"postFilter": off("DynamicResources")}, {"postFilter": on("DefaultPreemption")},
             {"postFilter": {**on("DefaultPreemption", "DynamicResources"), **off("*")}}, {"postFilter": {**on("DynamicResources"), **off("*")}},
             {"preFilter": on("DynamicResources")}]
    for plan in plans:
        world = new(2, config(plugins=plan))
        runs(world, 0, "a", "2", priority=3)
        runs(world, 1, "b", "2", priority=4)
        asks(world, volumes=uses("missing"))
        asks(world, priority=0)
        asks(world, preemptionPolicy="Never")
        asks(world)
        asks(world, priority=4)
        yield world
    for given in [{"minCandidateNodesPercentage": 100}, {"minCandidateNodesPercentage": 100, "minCandidateNodesAbsolute": 1}]:
        world = new(3, config(args("DefaultPreemption", **given)))
        for node in range(3):
            runs(world, node, f"v{node}", "2", priority=[4, 3, 5][node])
        asks(world)
        asks(world)
        yield world
    # Two profiles; every pod is of the first named default-scheduler.
    for first in ["default-scheduler", "other"]:
        conf = config(plugins={"postFilter": off("DefaultPreemption")})
        conf["profiles"][0]["schedulerName"] = first
        conf["profiles"].append({"schedulerName": "other" if first == "default-scheduler" else "default-scheduler"})
        world = new(2, conf)
        runs(world, 0, "a", "2", priority=3)
        runs(world, 1, "b", "2", priority=4)
        asks(world)
        asks(world, priority=0)
        yield world
    # Constraints by default, which are not looked at in Filter where they are soft.
    for when in ["DoNotSchedule", "ScheduleAnyway"]:
        given = [{"maxSkew": 1, "topologyKey": HOST, "whenUnsatisfiable": when}]
        world = new(2, config(args("PodTopologySpread", defaultConstraints=given, defaultingType="List")))
        world.add("Service", "web", "default", spec={"selector": WEB})
        runs(world, 0, "a", "100m", labels=WEB)
        runs(world, 1, "full", "2", priority=1)
        asks(world, "500m", labels=WEB)
        asks(world, "500m", labels=WEB, priority=50)
        yield world


def amounts():
    """Amounts at the rim: more on a node than it has, nothing asked for, many resources, sums beyond 64 bits, resources that are ignored."""
    new = cases("amounts")
    # More on the node than it has; the preemptor asks for something else, or for nothing.
    for requests in [{"cpu": "100m"}, {"memory": "7Gi"}, {"memory": "64Mi"}, {}]:
        world = new(2)
        for node in range(2):
            runs(world, node, f"a{node}", containers=[container(requests={"cpu": "1500m", "memory": "3Gi"})], priority=node)
            runs(world, node, f"b{node}", containers=[container(requests={"cpu": "1500m", "memory": "3Gi"})], priority=50)
            runs(world, node, f"c{node}", containers=[container(requests={"memory": "1Gi"})], priority=200)
        asks(world, containers=[container(requests=requests)], priority=100)
        yield world
    # Several things are short at once, of which each victim holds another.
    for number in range(3):
        names = [f"example.com/r{index}" for index in range([2, 7, 10][number])]
        world = new(1, extra={name: "4" for name in names})
        for index, name in enumerate(names):
            runs(world, 0, f"v{index}", containers=[container(requests={name: "3"}, limits={name: "3"})], priority=index % 3, start=day(1 + index))
        runs(world, 0, "none", "100m", priority=1)
        wanted = {name: "2" for name in names[:-1]}
        asks(world, containers=[container(requests=wanted, limits=wanted)])
        asks(world, containers=[container(requests={names[-1]: "4", "cpu": "1"}, limits={names[-1]: "4"})])
        yield world
    # A resource that the node does not have, and 0 of it.
    for amount in ["0", "1"]:
        world = new(1)
        runs(world, 0, "a", containers=[container(requests={"cpu": "1500m", "example.com/foo": "1"}, limits={"example.com/foo": "1"})])
        asks(world, containers=[container(requests={"cpu": "1", "example.com/foo": amount}, limits={"example.com/foo": amount})])
        yield world
    # Sums near and beyond 64 bits.
    for sizes in [("4Ei", "3Ei", "2Ei"), ("7Ei", "7Ei", "7Ei"), ("7Ei", "1Ei", "1")]:
        world = new(0)
        world.node(cpu="2", memory=str(2**63 - 1))
        for index, size in enumerate(sizes):
            runs(world, 0, f"v{index}", containers=[container(requests={"memory": size})], priority=index)
        asks(world, containers=[container(requests={"memory": "3Ei"})])
        asks(world, containers=[container(requests={"memory": "7Ei"})], priority=150)
        yield world
    # Resources of the whole pod, and victims that are being resized.
    world = new(2)
    runs(world, 0, "a", containers=[container(requests={"cpu": "100m"})], resources={"requests": {"cpu": "1500m"}})
    runs(world, 0, "b", "400m", priority=1)
    runs(world, 1, "c", "2", priority=1)
    asks(world, containers=[container(requests={"cpu": "100m"})], resources={"requests": {"cpu": "1"}}, priority=100)
    yield world
    for condition in [None, "PodResizeInProgress", "PodResizePending"]:
        world = new(2)
        status = {"containerStatuses": [{"name": "c0", "allocatedResources": {"cpu": "1500m", "memory": "64Mi"},
                                         "resources": {"requests": {"cpu": "1200m", "memory": "64Mi"}}}]}
        if condition:
            status["conditions"] = [{"type": condition, "status": "True", **({"reason": "Infeasible"} if condition.endswith("Pending") else {})}]
        runs(world, 0, "a", "500m", status=status)
        runs(world, 0, "b", "400m", priority=1)
        runs(world, 1, "c", "2", priority=1)
        asks(world, "1200m")
        yield world
    # What NodeResourcesFit ignores; nodes that the profile's own affinity leaves out.
    ignoring = config(args("NodeResourcesFit", ignoredResources=["example.com/foo"], ignoredResourceGroups=["example.org"]))
    for name in ["example.com/foo", "example.org/bar", "example.net/foo"]:
        world = new(1, ignoring, extra={name: "2"})
        runs(world, 0, "a", containers=[container(requests={"cpu": "500m", name: "2"}, limits={name: "2"})])
        runs(world, 0, "b", "1", priority=1)
        asks(world, containers=[container(requests={"cpu": "700m", name: "1"}, limits={name: "1"})])
        yield world
    world = new(2, config(args("NodeAffinity", addedAffinity=required(exprs(expr(ZONE, "In", "z2"))))))
    runs(world, 0, "a", "2")
    runs(world, 1, "b", "2", priority=5)
    asks(world)
    yield world


def attached():
    """Limits of volumes: those that stay attached, claims that have no volume yet, volumes of a pod's own."""
    new = cases("attached")
    for number in range(4):
        world = new(2)
        for node in range(2):
            csi_node(world, f"node-{node:02}", {"pd.csi.example": 1})
        bound_claim(world, "a")
        bound_claim(world, "b")
        bound_claim(world, "c")
        runs(world, 0, "v", "100m", volumes=uses("a"))
        runs(world, 1, "w", "100m", volumes=uses("b"), priority=5)
        # Attached all the same, once the pod is gone; of a claim that nobody uses.
        name, node = [("a", 0), ("b", 1), ("c", 0), ("a", 1)][number]
        world.add("VolumeAttachment", "va", api="storage.k8s.io/v1", status={"attached": True},
                  spec={"attacher": "pd.csi.example", "nodeName": f"node-{node:02}", "source": {"persistentVolumeName": f"pv-default-{name}"}})
        asks(world, "500m", volumes=uses("c"))
        yield world
    for number in range(4):
        world = new(2)
        storage_class(world, "made", "pd.csi.example")
        for node in range(2):
            csi_node(world, f"node-{node:02}", {"pd.csi.example": 2 - number % 2})
        claim(world, "later", sc="made")
        bound_claim(world, "a", sc="made")
        claim(world, "v-own", sc="made", owner=("v", "default-v"))
        own = [{"name": "own", "ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "made",
                                                                          "resources": {"requests": {"storage": "1Gi"}}}}}}]
        runs(world, 0, "v", "100m", volumes=own if number < 2 else uses("later"))
        runs(world, 0, "u", "100m", volumes=uses("a"), priority=1)
        runs(world, 1, "w", "2", priority=5)
        asks(world, "500m", volumes=uses("later") if number < 2 else uses("a", "later"))
        yield world
    # A claim for one pod alone that several pods have all the same: on one node, on two, and going.
    for number in range(5):
        world = new(3)
        bound_claim(world, "one", modes=("ReadWriteOncePod",))
        bound_claim(world, "one", "team-a", modes=("ReadWriteOncePod",))
        runs(world, 0, "a", "100m", volumes=uses("one"), priority=0, deleted=number == 3)
        runs(world, [0, 1, 0, 1, 1][number], "b", "100m", volumes=uses("one"), priority=[0, 1, 200, 1, 200][number])
        for index in range(2):
            runs(world, 2, f"t{index}", "100m", namespace="team-a", volumes=uses("one"), priority=index, start=day(2 + index))
        asks(world, "500m", volumes=uses("one"))
        yield world


GROUPS = [others, own, terminating, budgets, order, choice, spreading, affinity, ports, disks, attached, waiting, pod, amounts, hopeless, queue, configs]
