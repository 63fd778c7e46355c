"""Spreading and pod affinity: category `edges-topology`."""

from world import HOST, ZONE, World, args, config, container, expr, exprs, required

WEB, DB = {"app": "web"}, {"app": "db"}


def constraint(key, skew=1, hard=True, selector=None, **more):
    out = {"maxSkew": skew, "topologyKey": key, "whenUnsatisfiable": "DoNotSchedule" if hard else "ScheduleAnyway", **more}
    if selector is not None:
        out["labelSelector"] = selector
    return out


def match(**labels):
    return {"matchLabels": labels}


def term(key, selector=None, **more):
    out = {"topologyKey": key, **more}
    if selector is not None:
        out["labelSelector"] = selector
    return out


def pods(**sides):
    """required={"podAffinity": [...]}, with weights for the preferred ones."""
    out = {}
    for side, listed in sides.items():
        soft = side.startswith("soft_")
        kind = {"near": "podAffinity", "far": "podAntiAffinity"}[side.removeprefix("soft_")]
        if soft:
            value = [{"weight": weight, "podAffinityTerm": one} for weight, one in listed]
            out.setdefault(kind, {})["preferredDuringSchedulingIgnoredDuringExecution"] = value
        else:
            out.setdefault(kind, {})["requiredDuringSchedulingIgnoredDuringExecution"] = listed
    return out


def scatter(world, step=0, labels=(WEB, DB, {}), **more):
    """0 to 3 small pods on each node, by turns of the labels."""
    for index, name in enumerate(world.nodes):
        for k in range((index * 2 + step) % 4):
            world.bound(name, labels=labels[(index + k + step) % len(labels)] or None, requests={"cpu": "50m"}, **more)


def world_of(group, number, count, conf=None, zones=3, **same):
    world = World("edges-topology", group, number, conf)
    for index in range(count):
        world.node(**{"zone": f"z{index % zones + 1}", "cpu": ["4", "6", "8"][index % 3], "memory": "8Gi", **same})
    return world


def policies():
    """Two constraints that count over different nodes."""
    both = ["Honor", "Ignore"]
    for number in range(8):
        world = World("edges-topology", "policies", number)
        for index in range(5 + number % 4):
            taints = [{"key": "hold", "effect": ["NoSchedule", "NoExecute", "PreferNoSchedule"][number % 3]}] if index % 3 == 2 else []
            world.node(zone=f"z{index % 3 + 1}", labels={"disk": ["ssd", "hdd"][index % 2]}, taints=taints, cpu="4", memory="8Gi",
                       unschedulable=number == 5 and index == 1)
        scatter(world, number)
        for offset in range(5):
            bits = number + offset
            first = {"nodeAffinityPolicy": both[bits & 1], "nodeTaintsPolicy": both[bits >> 1 & 1]}
            second = {"nodeAffinityPolicy": both[(bits + 1) & 1], "nodeTaintsPolicy": both[(bits >> 1) + 1 & 1]}
            hard = offset != 3
            listed = [constraint(ZONE, 1 + offset % 2, hard, match(**WEB), **first), constraint(HOST, 2, offset == 2, match(**WEB), **second)]
            if offset == 4:
                listed[1] = constraint(ZONE, 1, False, match(**WEB), **second)
            more = [{"nodeSelector": {"disk": "ssd"}}, {"affinity": {"nodeAffinity": required(exprs(expr(ZONE, "NotIn", "z2")))}}, {},
                    {"tolerations": [{"key": "hold", "operator": "Exists"}]}, {"nodeSelector": {"disk": "hdd"}}][(offset + number) % 5]
            world.pend(labels=WEB, topologySpreadConstraints=listed, **more)
        yield world


def min_domains():
    for number, least in enumerate([1, 2, 3, 4, 5, 9]):
        world = world_of("mindomains", number, 4 + number % 3, zones=2 + number % 2)
        scatter(world, number, labels=(WEB, WEB, DB))
        for skew in (1, 2):
            world.pend(labels=WEB, topologySpreadConstraints=[constraint(ZONE, skew, True, match(**WEB), minDomains=least)])
        world.pend(labels=WEB, nodeSelector={ZONE: "z1"}, topologySpreadConstraints=[constraint(ZONE, 2, True, match(**WEB), minDomains=least)])
        world.pend(labels=DB, topologySpreadConstraints=[constraint(ZONE, 1, True, match(**DB), minDomains=least),
                                                         constraint(HOST, 1, True, match(**DB), minDomains=least)])
        world.pend(labels=WEB, topologySpreadConstraints=[constraint(HOST, 3, True, match(**WEB), minDomains=least)])
        yield world


def one_key_of_two():
    for number in range(6):
        world = World("edges-topology", "onekey", number)
        for index in range(5 + number % 3):
            zone = f"z{index % 2 + 1}" if (index + number) % 3 else None
            world.node(zone=zone, host=(index + number) % 4 != 0, labels={"rack": f"r{index % 2}"} if index % 3 else {}, cpu="4", memory="8Gi")
        scatter(world, number, labels=(WEB, DB))
        for hard in (True, False):
            world.pend(labels=WEB, topologySpreadConstraints=[constraint(ZONE, 1, hard, match(**WEB)), constraint("rack", 1, hard, match(**WEB))])
            world.pend(labels=WEB, topologySpreadConstraints=[constraint("rack", 2, hard, match(**WEB)), constraint(HOST, 1, not hard, match(**WEB))])
        world.pend(labels=WEB, topologySpreadConstraints=[constraint("none", 1, number % 2 == 0, match(**WEB))])
        world.pend(labels=WEB, affinity=pods(near=[term("rack", match(**WEB)), term(ZONE, match(**WEB))], soft_far=[(10, term(HOST, match(**DB)))]))
        yield world


def not_its_own():
    selectors = [match(app="db"), exprs(expr("app", "NotIn", "web")), exprs(expr("gone", "Exists")), {}, None, exprs(expr("gone", "DoesNotExist")),
                 {**match(app="web"), **exprs(expr("tier", "NotIn", "fe"))}]
    for number in range(6):
        world = world_of("notitsown", number, 4 + number % 4)
        scatter(world, number, labels=(WEB, DB, {**WEB, "tier": "fe"}, {}))
        for offset in range(4):
            selector = selectors[(number + offset * 2) % len(selectors)]
            listed = [constraint([ZONE, HOST][offset % 2], 1, offset != 3, selector)]
            if offset == 2:
                listed.append(constraint(HOST, 1, False, selector))
            world.pend(labels=WEB, topologySpreadConstraints=listed)
        selector = selectors[number % len(selectors)]
        world.pend(labels=WEB, affinity=pods(soft_near=[(30, term(ZONE, selector))], soft_far=[(20, term(HOST, selector))]))
        world.pend(labels=WEB, affinity=pods(near=[term(ZONE, selector)]))
        yield world


def label_keys():
    """matchLabelKeys and mismatchLabelKeys, with the requirements that the API server merges into the selector, and without."""
    for number in range(8):
        world = world_of("labelkeys", number, 4 + number % 3)
        old, new = {**WEB, "pod-template-hash": "h1"}, {**WEB, "pod-template-hash": "h2"}
        scatter(world, number, labels=(old, new, WEB))
        merged = number % 2 == 0
        own, absent = expr("pod-template-hash", "In", "h2"), "not-there"
        near = {**match(**WEB), **(exprs(own) if merged else {})}
        far = {**match(**WEB), **(exprs(expr("pod-template-hash", "NotIn", "h2")) if merged else {})}
        keys = {"matchLabelKeys": ["pod-template-hash"]}
        world.pend(labels=new, topologySpreadConstraints=[constraint(ZONE, 1, True, near, **keys)])
        world.pend(labels=new, topologySpreadConstraints=[constraint(HOST, 1, number % 4 < 2, near, matchLabelKeys=["pod-template-hash", absent])])
        world.pend(labels=new, affinity=pods(near=[term(ZONE, near, **keys)]))
        world.pend(labels=new, affinity=pods(far=[term([ZONE, HOST][number % 2], far, mismatchLabelKeys=["pod-template-hash"])]))
        world.pend(labels=new, affinity=pods(soft_near=[(50, term(ZONE, near, **keys))], soft_far=[(20, term(HOST, near, matchLabelKeys=[absent]))]))
        world.pend(labels={**new, "extra": "x"}, topologySpreadConstraints=[
            constraint(ZONE, 2, True, match(**WEB), matchLabelKeys=["extra"]), constraint(HOST, 1, False, near, **keys)])
        yield world


def terminating():
    """Spreading leaves pods that are going out, affinity counts them."""
    for number in range(4):
        world = world_of("terminating", number, 3 + number)
        for index, name in enumerate(world.nodes):
            for k in range((index + number) % 3 + 1):
                world.bound(name, labels=WEB, deleted=(index + k) % 2 == 0, requests={"cpu": "100m"})
        world.bound(world.nodes[0], labels=DB, deleted=True, affinity=pods(far=[term(HOST, match(app="lone"))]))
        world.pend(labels=WEB, topologySpreadConstraints=[constraint(ZONE, 1, True, match(**WEB))])
        world.pend(labels=WEB, topologySpreadConstraints=[constraint(HOST, 1, False, match(**WEB))])
        world.pend(labels=WEB, affinity=pods(near=[term(HOST, match(**DB))]))
        world.pend(labels={"app": "lone"})
        world.pend(labels=WEB, affinity=pods(far=[term(ZONE, match(**DB))], soft_near=[(10, term(HOST, match(**WEB)))]))
        yield world


def list_defaults():
    plans = [
        [constraint(ZONE, 1, True)], [constraint(ZONE, 1, False)], [constraint(HOST, 2, True), constraint(ZONE, 1, False)], [],
        [constraint("rack", 1, True)], [constraint(ZONE, 3, True, minDomains=4)], [constraint(HOST, 1, False, nodeTaintsPolicy="Honor")],
        [constraint(ZONE, 1, True), constraint(ZONE, 1, False)],
    ]
    for number, plan in enumerate(plans):
        conf = config(args("PodTopologySpread", defaultingType="List", defaultConstraints=plan))
        world = world_of("listdefaults", number, 4 + number % 3, conf, labels={"rack": "r1"} if number % 3 else {})
        if number % 2:
            world.node(labels={"rack": "r2"}, taints=[{"key": "t", "effect": "NoSchedule"}], cpu="4")
        world.add("Service", "svc", "default", spec={"selector": WEB})
        world.add("Service", "all", "team-a", spec={"selector": {}})
        world.add("Service", "none", "team-b", spec={})
        rs = world.add("ReplicaSet", "rs", "default", api="apps/v1", spec={"replicas": 2, "selector": match(**DB), "template": {
            "metadata": {"labels": DB}, "spec": {"containers": []}}})
        scatter(world, number, labels=(WEB, DB, {**WEB, "tier": "fe"}))
        world.pend(labels=WEB)
        world.pend(labels=DB, owner=rs)
        world.pend(labels=DB)
        world.pend(labels=WEB, topologySpreadConstraints=[constraint(HOST, 1, False, match(**DB))])
        world.pend(labels=WEB, namespace="team-a")
        world.pend(labels={**WEB, "tier": "fe"}, namespace="default")
        yield world


def all_terms():
    """A pod that counts must match every one of a pod's required affinity terms, and the terms' keys may differ."""
    fe = {**WEB, "tier": "fe"}
    for number in range(6):
        world = world_of("allterms", number, 4 + number % 4, zones=2 + number % 2)
        scatter(world, number, labels=(WEB, {"tier": "fe"}, fe, DB))
        world.pend(labels=DB, affinity=pods(near=[term(ZONE, match(app="web")), term(ZONE, match(tier="fe"))]))
        world.pend(labels=DB, affinity=pods(near=[term(ZONE, match(app="web")), term(HOST, match(tier="fe"))]))
        world.pend(labels=DB, affinity=pods(near=[term(HOST, match(app="web")), term(HOST, match(app="db"))]))
        world.pend(labels=fe, affinity=pods(near=[term(HOST, match(app="web")), term(ZONE, match(tier="fe"))], far=[term(HOST, match(app="db"))]))
        world.pend(labels=fe, affinity=pods(far=[term(HOST, match(app="db")), term(ZONE, match(tier="none")), term("rack", match(app="web"))]))
        world.pend(labels=WEB, affinity=pods(near=[term(ZONE, match(app="web")), term("rack", match(app="web"))]))
        yield world


def first_pod():
    """The first pod of a group may go anywhere, if it matches all its own terms and each key is on the node."""
    new = {"app": "new", "tier": "x"}
    for number in range(6):
        world = World("edges-topology", "firstpod", number)
        for index in range(3 + number % 3):
            world.node(zone=f"z{index % 2 + 1}" if index else None, labels={"rack": "r"} if (index + number) % 2 else {}, cpu="4", memory="8Gi")
        scatter(world, number)
        plans = [
            pods(near=[term(ZONE, match(app="new")), term(HOST, match(tier="x"))]),
            pods(near=[term(ZONE, match(app="new")), term(ZONE, match(tier="y"))]),
            pods(near=[term("rack", match(app="new")), term(HOST, match(app="new"))]),
            pods(near=[term(ZONE, match(app="new"), namespaces=["team-a"])]),
            pods(near=[term(ZONE, {})]),
            pods(near=[term(HOST, exprs(expr("app", "In", "new")), namespaceSelector={})]),
            pods(near=[term("nowhere", match(app="new"))]),
        ]
        for offset in range(5):
            namespace = ["default", "team-a"][offset % 2]
            world.pend(labels=new, namespace=namespace, affinity=plans[(number * 2 + offset) % len(plans)])
        yield world


def namespace_selectors():
    """Negative requirements on namespaces, on labels that some lack; a pod's namespace that has no object."""
    selectors = [
        exprs(expr("team", "NotIn", "a")), exprs(expr("team", "DoesNotExist")), exprs(expr("team", "NotIn", "a"), expr("team", "Exists")),
        {}, exprs(expr("tier", "NotIn", "gold")), exprs(expr("kubernetes.io/metadata.name", "NotIn", "default", "team-b")), match(team="b"),
        exprs(expr("tier", "DoesNotExist"), expr("team", "In", "a", "b")), None,
    ]
    for number in range(9):
        world = world_of("namespaceselectors", number, 4 + number % 3)
        if number % 3 == 2:
            world.namespace("plain")
        for index, name in enumerate(world.nodes):
            for k, namespace in enumerate(["default", "team-a", "team-b", "plain" if number % 3 == 2 else "team-b"]):
                if (index + k + number) % 3 == 0:
                    more = {}
                    if k == 1 and number % 2:
                        more["affinity"] = pods(far=[term(HOST, match(app="web"), namespaceSelector=selectors[number % 9] or {})])
                    if k == 2:
                        more["affinity"] = pods(soft_near=[(10, term(ZONE, match(app="web"), namespaceSelector=selectors[(number + 1) % 9] or {}))])
                    world.bound(name, namespace=namespace, labels=WEB if k else DB, requests={"cpu": "50m"}, **more)
        for offset in range(5):
            selector = selectors[(number + offset) % 9]
            more = {"namespaceSelector": selector} if selector is not None else {}
            if offset == 1:
                more["namespaces"] = ["team-b"]
            one = term([HOST, ZONE][offset % 2], match(app="web"), **more)
            sides = [{"far": [one]}, {"near": [one]}, {"soft_near": [(40, one)]}, {"soft_far": [(40, one)]}, {"near": [one]}][offset]
            world.pend(labels=WEB, namespace=["default", "team-a", "team-b"][(offset + number) % 3], affinity=pods(**sides))
        yield world


def missing_namespace():
    """Pods in a namespace of which there is no object."""
    selectors = [exprs(expr("team", "NotIn", "a")), exprs(expr("team", "DoesNotExist")), {}, match(team="b")]
    for number in range(3):
        world = world_of("missingnamespace", number, 3 + number)
        for index, name in enumerate(world.nodes):
            more = {"affinity": pods(far=[term(HOST, match(app="web"), namespaceSelector=selectors[(index + number) % 4])])} if index % 2 else {}
            world.bound(name, namespace=["ghost", "default", "team-a"][index % 3], labels=[WEB, DB][index % 2], **more)
        for offset in range(4):
            one = term(HOST, match(app="web"), namespaceSelector=selectors[(number + offset) % 4])
            world.pend(labels=WEB, namespace=["ghost", "default"][offset % 2], affinity=pods(**[{"far": [one]}, {"soft_near": [(10, one)]}][offset // 2]))
        world.pend(labels=WEB, namespace="ghost")
        yield world


def absent_labels():
    selectors = [exprs(expr("tier", "NotIn", "fe")), exprs(expr("tier", "DoesNotExist")), exprs(expr("tier", "NotIn", "fe"), expr("app", "Exists")),
                 {}, None, exprs(expr("app", "NotIn", "web", "db"))]
    for number in range(6):
        world = world_of("absentlabels", number, 4 + number % 3)
        scatter(world, number, labels=(WEB, {"tier": "fe"}, {}, {**DB, "tier": "be"}))
        for offset in range(5):
            one = term([HOST, ZONE][(offset + number) % 2], selectors[(number + offset) % 6])
            sides = [{"far": [one]}, {"near": [one]}, {"soft_far": [(100, one)]}, {"soft_near": [(1, one)]}, {"near": [one], "soft_far": [(7, one)]}][offset]
            world.pend(labels=[WEB, None, {"tier": "fe"}][(offset + number) % 3], affinity=pods(**sides))
        yield world


def hard_weight():
    """What an existing pod's required affinity is worth to a newcomer, and preferences of existing pods left out."""
    plans = [{"hardPodAffinityWeight": 0}, {"hardPodAffinityWeight": 100}, {"ignorePreferredTermsOfExistingPods": True},
             {"hardPodAffinityWeight": 0, "ignorePreferredTermsOfExistingPods": True}, {}, {"hardPodAffinityWeight": 7}]
    for number, plan in enumerate(plans):
        world = world_of("hardweight", number, 4 + number % 3, config(args("InterPodAffinity", **plan)))
        for index, name in enumerate(world.nodes):
            if index % 2 == 0:
                world.bound(name, labels=DB, affinity=pods(near=[term(ZONE, match(app="web")), term(HOST, match(app="db"))]))
            if index % 3 == 1:
                world.bound(name, labels=WEB, affinity=pods(soft_near=[(30, term(HOST, match(app="web")))], soft_far=[(80, term(ZONE, match(app="db")))]))
        world.pend(labels=WEB)
        world.pend(labels=DB)
        world.pend(labels={"app": "other"})
        world.pend(labels=WEB, affinity=pods(soft_near=[(5, term(ZONE, match(app="db")))]))
        world.pend(labels=DB, affinity=pods(soft_far=[(5, term(ZONE, match(app="none")))]))
        yield world


def both_ways():
    """Anti-affinity that keeps others away, on nodes that lack the key, and against a pod itself."""
    for number in range(5):
        world = World("edges-topology", "bothways", number)
        for index in range(4 + number % 2):
            world.node(zone=f"z{index % 3 + 1}" if (index + number) % 4 else None, cpu="4", memory="8Gi")
        guard = pods(far=[term(ZONE, match(app="web")), term(HOST, exprs(expr("app", "In", "web", "db")))])
        world.bound(world.nodes[number % 4], labels={"app": "guard"}, affinity=guard)
        world.bound(world.nodes[(number + 1) % 4], namespace="team-a", labels=WEB, affinity=pods(far=[term(HOST, {}, namespaces=["default", "team-b"])]))
        world.pend(labels=WEB)
        world.pend(labels=DB)
        world.pend(labels=WEB, namespace="team-b")
        world.pend(labels=WEB, affinity=pods(far=[term(ZONE, match(app="web"))]))
        world.pend(labels=WEB, affinity=pods(far=[term(HOST, match(app="web"))]), containers=[container(requests={"cpu": "10m"})])
        world.pend(labels={"app": "third"}, affinity=pods(near=[term(ZONE, match(app="guard"))], far=[term(HOST, match(app="guard"))]))
        yield world


GROUPS = [policies, min_domains, one_key_of_two, not_its_own, label_keys, terminating, list_defaults, all_terms, first_pod,
          namespace_selectors, missing_namespace, absent_labels, hard_weight, both_ways]
