"""Node affinity, taints, ports, images, features and gates: category `edges`."""

from world import World, config, args, container, expr, exprs, fields, name_in, preferred, required, ZONE


def affinity(**parts):
    return {"nodeAffinity": parts}


def match_fields():
    terms = [
        [fields(*name_in("node-00", "node-01"))],
        [fields(*name_in("node-00", "node-01")), fields(*name_in("node-01", "node-02"))],
        [fields(*name_in("node-00", "node-01")), fields(*name_in("node-02"))],
        [fields(*name_in("node-01"), expr("metadata.name", "NotIn", "node-01"))],
        [fields(expr("metadata.name", "NotIn", "node-00"), expr("metadata.name", "NotIn", "node-02"))],
        [fields(*name_in("node-99"))],
        [fields(*name_in("node-99")), fields(*name_in("node-01"))],
        [fields(*name_in("node-01", "node-01"))],
        [fields(*name_in("node-00")), exprs(expr("disk", "In", "ssd"))],
        [{**fields(*name_in("node-02")), **exprs(expr("disk", "In", "ssd"))}],
        [{**fields(*name_in("node-00", "node-01")), **exprs(expr("disk", "In", "ssd"))}, {}],
        [fields(*name_in("node-02")), fields(*name_in("node-00")), fields(*name_in("node-00", "node-02"))],
    ]
    for number in range(6):
        world = World("edges", "matchfields", number).fleet(3 + number % 3, labels={"disk": ["hdd", "ssd"][number % 2]})
        for offset in range(4):
            chosen = terms[(number * 2 + offset * 3 + offset) % len(terms)]
            world.pend(affinity=affinity(**required(*chosen)))
        world.pend(affinity=affinity(**preferred((50, fields(*name_in("node-01"))), (7, fields(*name_in("node-00", "node-01"))),
                                                 (30, fields(expr("metadata.name", "NotIn", "node-00"))))))
        yield world
    # A daemon set's pods: pinned, tolerating everything, one to a node that has gone.
    world = World("edges", "matchfields", 6).fleet(3)
    world.node(zone="z1", unschedulable=True)
    for name in ["node-00", "node-03", "node-07", "node-02"]:
        world.pend(affinity=affinity(**required(fields(*name_in(name)))), tolerations=[{"operator": "Exists"}])
    yield world
    for number, (left, right) in enumerate([("node-00", "node-01"), ("node-02", "node-00")], 7):
        world = World("edges", "matchfields", number).fleet(4)
        world.pend(affinity=affinity(**required(fields(*name_in(left, right)))))
        world.pend(affinity=affinity(**required(fields(*name_in(left, right)), fields(*name_in(right, left)))), nodeSelector={"disk": "x"})
        world.pend(affinity=affinity(**required(fields(*name_in(left))), **preferred((3, fields(*name_in(right))))))
        yield world


def added_affinity():
    ssd, zone1 = exprs(expr("disk", "In", "ssd")), exprs(expr(ZONE, "In", "z1"))
    variants = [
        required(ssd),
        preferred((60, ssd)),
        {**required(ssd), **preferred((1, zone1), (100, exprs(expr("disk", "Exists"))))},
        required(exprs(expr("disk", "In", "tape"))),
        required({}),
        required({}, ssd),
        {**required(fields(*name_in("node-01"))), **preferred((9, fields(*name_in("node-01"))))},
        preferred((40, {}), (20, zone1)),
        required(exprs(expr("disk", "DoesNotExist")), exprs(expr(ZONE, "NotIn", "z2"), expr("disk", "Exists"))),
    ]
    for number, added in enumerate(variants):
        world = World("edges", "addedaffinity", number, config(args("NodeAffinity", addedAffinity=added)))
        for index in range(4 + number % 3):
            labels = [{"disk": "ssd"}, {"disk": "hdd"}, {}][(index + number) % 3]
            world.node(zone=["z1", "z2", None][index % 3], labels=labels)
        world.pend()
        world.pend(affinity=affinity(**required(zone1)))
        world.pend(affinity=affinity(**preferred((25, exprs(expr(ZONE, "In", "z2"))), (3, ssd))))
        world.pend(nodeSelector={"disk": "ssd"})
        world.pend(affinity=affinity(**required(fields(*name_in("node-00", "node-01")))))
        yield world


def empty_terms():
    ssd = exprs(expr("disk", "In", "ssd"))
    null = {"matchExpressions": None, "matchFields": None}
    pods = [
        {"affinity": affinity(**required({}))},
        {"affinity": affinity(**required({}, ssd))},
        {"affinity": affinity(**required(null, ssd))},
        {"affinity": affinity(**required(null))},
        {"affinity": affinity(**required({"matchExpressions": [], "matchFields": []}))},
        {"affinity": affinity(**preferred((10, {})))},
        {"affinity": affinity(**preferred((10, {}), (20, ssd)))},
        {"affinity": affinity(**preferred((10, null), (1, exprs(expr("disk", "DoesNotExist")))))},
        {"affinity": {}},
        {"affinity": {"nodeAffinity": {}}},
        {"affinity": {"nodeAffinity": None, "podAffinity": {}, "podAntiAffinity": None}},
        {"affinity": affinity(requiredDuringSchedulingIgnoredDuringExecution=None)},
        {"nodeSelector": {}},
        {"nodeSelector": {"disk": ""}},
        {"affinity": affinity(**required(exprs(expr("disk", "In", "", "ssd"))))},
        {"affinity": affinity(**required(exprs(expr("disk", "NotIn", "", "ssd"))))},
        {"affinity": affinity(**preferred((1, exprs(expr("disk", "NotIn", "tape"))), (100, {"matchFields": None, **ssd})))},
        {"affinity": affinity(**required(exprs(expr("disk", "NotIn", "ssd")), {}))},
    ]
    for number in range(6):
        world = World("edges", "emptyterms", number)
        for index in range(3 + number):
            world.node(zone="z1", labels=[{"disk": "ssd"}, {"disk": ""}, {}, {"disk": "hdd"}][(index + number) % 4])
        for offset in range(6):
            world.pend(**pods[(number * 3 + offset) % len(pods)])
        yield world


def odd_numbers():
    on_nodes = ["5", "007", "9223372036854775807", "9223372036854775808", "abc", "5.0", "1e3", "0", "00", "", "-", "0x10",
                "1_000", "18446744073709551616"]
    asked = ["5", "4", "-1", "-9223372036854775808", "+5", "007", "0", "9223372036854775806", "9223372036854775807",
             "9223372036854775808", "abc", "5.0", "", "1e3"]
    for number in range(7):
        world = World("edges", "oddnumbers", number)
        for index in range(8):
            value = on_nodes[(number * 2 + index) % len(on_nodes)]
            world.node(zone="z1", labels={} if value == "-" else {"gen": value})
        for offset in range(6):
            value, operator = asked[(number * 2 + offset) % len(asked)], ["Gt", "Lt"][(offset + number) % 2]
            world.pend(affinity=affinity(**required(exprs(expr("gen", operator, value)))))
        yield world
    # A preference that can't be read ends the cycle where scores are asked for, and does not where one node is left.
    world = World("edges", "oddnumbers", 7)
    for index in range(3):
        world.node(zone="z1", labels={"gen": str(index)})
    world.pend(affinity=affinity(**preferred((10, exprs(expr("gen", "Gt", "1"))), (5, exprs(expr("gen", "Lt", "02"))))))
    world.pend(affinity=affinity(**preferred((10, exprs(expr("gen", "Gt", "abc"))))))
    world.pend(affinity=affinity(**preferred((10, exprs(expr("gen", "Gt", "abc"))))), nodeSelector={"gen": "2"})
    world.pend(affinity=affinity(**required(exprs(expr("gen", "Gt", "x")), exprs(expr("gen", "Lt", "1")))))
    yield world


def port(number, host_ip=None, protocol="TCP"):
    out = {"containerPort": number, "hostPort": number, "protocol": protocol}
    if host_ip is not None:
        out["hostIP"] = host_ip
    return out


def ports():
    held = [
        [port(80, "0.0.0.0")], [port(80, "10.0.0.1")], [port(80)], [port(80, "")], [port(80, "127.0.0.1", "UDP")],
        [port(80, "0.0.0.0", "SCTP")], [port(80, "::")], [port(80, "::1")], [port(80, "10.0.0.1"), port(81, "10.0.0.2")],
    ]
    wanted = [
        [port(80, "10.0.0.1")], [port(80, "0.0.0.0")], [port(80)], [port(80, None, "UDP")], [port(80, None, "SCTP")],
        [port(80, "10.0.0.2")], [port(80, "")], [port(80, "127.0.0.1", "UDP")], [port(80, "::1")], [port(80, "::")],
        [port(81), port(80, "10.0.0.3")], [{"containerPort": 80, "protocol": "TCP"}],
    ]
    for number in range(8):
        world = World("edges", "ports", number).fleet(3 + number % 3)
        for index, name in enumerate(world.nodes):
            world.bound(name, containers=[container(ports=held[(number + index * 2) % len(held)])])
        for offset in range(6):
            world.pend(containers=[container(requests={"cpu": "50m"}, ports=wanted[(number * 2 + offset) % len(wanted)])])
        yield world
    # Ports of init containers (none), of sidecars, of two containers, and of the node's own network.
    for number in range(8, 11):
        world = World("edges", "ports", number).fleet(2 + number % 2)
        sidecar = container("i0", restartPolicy="Always", requests={"cpu": "10m"}, ports=[port(9000)])
        init = container("i0", requests={"cpu": "10m"}, ports=[port(9000)])
        world.bound(world.nodes[0], initContainers=[[sidecar], [init]][number % 2])
        world.pend(initContainers=[sidecar])
        world.pend(initContainers=[init])
        world.pend(containers=[container("c0", ports=[port(9000)]), container("c1", ports=[port(9000, None, "UDP"), port(9001)])])
        world.pend(hostNetwork=True, containers=[container(ports=[port(9001)])])
        world.pend(hostNetwork=True, containers=[container(ports=[port(9000, "192.168.0.1")])])
        yield world


def images():
    mib = 1024 * 1024
    names = ["nginx", "nginx:latest", "docker.io/library/nginx:1.25", "reg.local:5000/team/app", "reg.local:5000/team/app:latest",
             "app@sha256:" + "a" * 64, "tiny:v1", "huge:v9"]
    sizes = [120, 200, 700, 1500, 22, 23, 24, 9000]
    for number in range(8):
        world = World("edges", "images", number)
        for index in range(3 + number % 4):
            listed = []
            for place, name in enumerate(names):
                if (place + index * 2 + number) % 3 != 0:
                    full = name if ":" in name.split("/")[-1] else name + ":latest"
                    listed.append({"names": [full, full.split(":")[0] + "-alias:v1"], "sizeBytes": sizes[(place + number) % 8] * mib})
            world.node(zone="z1", images=listed, cpu="4", memory="8Gi")
        for offset in range(5):
            image = [names[(number + offset * k) % len(names)] for k in (1, 3, 5)]
            more = {}
            if offset in (1, 3):
                more["volumes"] = [{"name": "v0", "image": {"reference": image[1], "pullPolicy": "IfNotPresent"}},
                                   {"name": "v1", "image": {"reference": image[0] if offset == 3 else "none:v1"}}]
            if offset in (2, 3):
                more["initContainers"] = [container("i0", image=image[2]), container("i1", image=image[2], restartPolicy="Always")]
            listed = [container("c0", image=image[0], requests={"cpu": "50m"})]
            if offset == 4:
                listed += [container("c1", image=image[0]), container("c2", image=image[1])]
            world.pend(containers=listed, **more)
        yield world


def features():
    known = ["RestartAllContainersOnContainerExits", "UserNamespacesHostNetworkSupport", "VolumeBindMountOptions", "Unheard"]
    restart = {"restartPolicy": "Never", "restartPolicyRules": [
        {"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [3]}}]}
    alone = {"restartPolicy": "Never", "restartPolicyRules": [{"action": "Restart", "exitCodes": {"operator": "In", "values": [3]}}]}
    mount = {"volumeMounts": [{"name": "v", "mountPath": "/v", "bindMountOptions": ["noexec"]}]}
    volume = {"volumes": [{"name": "v", "emptyDir": {}}]}
    pods = [
        {"containers": [container(**restart)]},
        {"containers": [container(**alone)]},
        {"initContainers": [container("i0", **restart)]},
        {"hostNetwork": True, "hostUsers": False},
        {"hostNetwork": True, "hostUsers": True},
        {"hostNetwork": True},
        {"hostUsers": False},
        {"containers": [container(**mount)], **volume},
        {"initContainers": [container("i0", **mount)], **volume},
        {"containers": [container(**restart, **mount)], **volume, "hostNetwork": True, "hostUsers": False},
    ]
    for number in range(5):
        world = World("edges", "features", number)
        for index in range(4 + number):
            named = [name for place, name in enumerate(known) if (index + number) >> place & 1]
            world.node(zone="z2", features=None if (index + number) % 8 == 0 else named)
        for offset in range(5):
            world.pend(**pods[(number * 2 + offset * 3) % len(pods)])
        yield world


def taints():
    """Tolerations at the rims: empty key, empty effect, empty value, and what counts against a preferred node."""
    soft = {"key": "soft", "value": "x", "effect": "PreferNoSchedule"}
    for number in range(4):
        world = World("edges", "taints", number)
        world.node(zone="z1", taints=[{"key": "k", "effect": "NoSchedule"}])
        world.node(zone="z2", taints=[{"key": "k", "value": "v", "effect": "NoExecute"}, soft])
        world.node(zone="z3", taints=[soft, {"key": "soft2", "effect": "PreferNoSchedule"}])
        world.node(zone="z1", taints=[soft] * (number % 2 + 1) if number % 2 == 0 else [])
        world.node(zone="z2", unschedulable=True)
        pods = [
            [], [{"operator": "Exists"}], [{"key": "k", "operator": "Exists"}], [{"key": "k", "operator": "Equal"}],
            [{"key": "k", "operator": "Equal", "value": "v", "effect": "NoExecute", "tolerationSeconds": 0}], [{"key": "k"}],
            [{"key": "soft", "value": "x"}], [{"operator": "Exists", "effect": "PreferNoSchedule"}],
            [{"key": "node.kubernetes.io/unschedulable", "operator": "Exists", "effect": "NoSchedule"}],
            [{"key": "soft", "operator": "Exists", "effect": "NoSchedule"}],
        ]
        for offset in range(6):
            world.pend(tolerations=pods[(number * 3 + offset) % len(pods)])
        yield world


def gates():
    for number in range(3):
        world = World("edges", "gates", number).fleet(2 + number)
        world.pend(schedulingGates=[{"name": "example.com/one"}, {"name": "two"}])
        world.pend(schedulingGates=[])
        world.pend(schedulingGates=[{"name": f"g{number}"}], requests={"cpu": "99"})
        world.pend()
        yield world


GROUPS = [match_fields, added_affinity, empty_terms, odd_numbers, ports, images, features, taints, gates]
