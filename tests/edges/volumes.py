"""Volumes, claims, their limits and their capacity: category `edges-volumes`."""

from world import HOST, REGION, ZONE, World, expr, exprs

OLD_ZONE, OLD_REGION = "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region"
BOUND = {"pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes"}
MIGRATED = "kubernetes.io/aws-ebs,kubernetes.io/azure-disk,kubernetes.io/azure-file,kubernetes.io/cinder,kubernetes.io/gce-pd"
WAIT, NOW = "WaitForFirstConsumer", "Immediate"
STORAGE = "storage.k8s.io/v1"


def storage_class(world, name, provisioner="pd.csi.example", mode=WAIT, topologies=None):
    more = {"allowedTopologies": topologies} if topologies else {}
    world.add("StorageClass", name, api=STORAGE, provisioner=provisioner, volumeBindingMode=mode, reclaimPolicy="Delete", **more)


def volume(world, name, size="1Gi", sc="", claim=None, modes=("ReadWriteOnce",), source=None, affinity=None, labels=None, phase=None,
           mode="Filesystem", uid=True):
    spec = {"capacity": {"storage": size}, "accessModes": list(modes), "storageClassName": sc, "volumeMode": mode,
            "persistentVolumeReclaimPolicy": "Delete", **(source or {"csi": {"driver": "pd.csi.example", "volumeHandle": name}})}
    if claim:
        spec["claimRef"] = {"kind": "PersistentVolumeClaim", "apiVersion": "v1", "namespace": claim[0], "name": claim[1]}
        if uid:
            spec["claimRef"]["uid"] = f"{claim[0]}-{claim[1]}"
    if affinity:
        spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": affinity}}
    world.add("PersistentVolume", name, labels=labels, spec=spec, status={"phase": phase or ("Bound" if claim else "Available")})


def claim(world, name, namespace="default", size="1Gi", sc="", to=None, modes=("ReadWriteOnce",), annotations=None, owner=None, **more):
    spec = {"accessModes": list(modes), "resources": {"requests": {"storage": size}}, "volumeMode": "Filesystem", **more}
    if sc is not None:
        spec["storageClassName"] = sc
    if to:
        spec["volumeName"] = to
        annotations = BOUND if annotations is None else annotations
    found = world.add("PersistentVolumeClaim", name, namespace, annotations=annotations or None, spec=spec,
                      status={"phase": "Bound" if to else "Pending"})
    if owner:
        found["metadata"]["ownerReferences"] = [{"apiVersion": "v1", "kind": "Pod", "name": owner[0], "uid": owner[1], "controller": True}]


def bound_claim(world, name, namespace="default", **more):
    """A claim and its volume, bound to each other."""
    modes = more.pop("modes", ("ReadWriteOnce",))
    volume(world, f"pv-{namespace}-{name}", claim=(namespace, name), modes=modes, **more)
    claim(world, name, namespace, to=f"pv-{namespace}-{name}", modes=modes, sc=more.get("sc", ""))


def csi_node(world, name, drivers, migrated=None):
    listed = [{"name": driver, "nodeID": name, "topologyKeys": [], **({"allocatable": {"count": count}} if count is not None else {})}
              for driver, count in drivers.items()]
    annotations = {"storage.alpha.kubernetes.io/migrated-plugins": migrated} if migrated else None
    world.add("CSINode", name, api=STORAGE, annotations=annotations, spec={"drivers": listed})


def uses(*names, **more):
    return [{"name": f"v{index}", "persistentVolumeClaim": {"claimName": name, **more}} for index, name in enumerate(names)]


def inline(*sources):
    return [{"name": f"v{index}", **source} for index, source in enumerate(sources)]


def on_hosts(*names):
    return [exprs(expr(HOST, "In", *names))]


def world_of(group, number, count, **same):
    world = World("edges-volumes", group, number)
    for index in range(count):
        world.node(**{"zone": f"z{index % 3 + 1}", "cpu": ["4", "6", "8"][index % 3], "memory": "8Gi", **same})
    return world


def prebound():
    """Volumes that name a claim, claims that name a volume, and each pair half done."""
    for number in range(6):
        world = world_of("prebound", number, 4 + number % 2)
        storage_class(world, "local", "kubernetes.io/no-provisioner")
        storage_class(world, "now", mode=NOW)
        volume(world, "for-other", "2Gi", "local", claim=("default", "other"), affinity=on_hosts("node-00"), phase="Available")
        volume(world, "for-c1", "5Gi", "local", claim=("default", "c1"), uid=number % 2 == 0, affinity=on_hosts("node-01"), phase="Available")
        volume(world, "stale-c2", "3Gi", "local", claim=("default", "c2"), affinity=on_hosts("node-02"), phase="Available")
        world.objects[-1]["spec"]["claimRef"]["uid"] = "gone"
        volume(world, "free-a", "4Gi", "local", affinity=on_hosts("node-03", "node-00"))
        volume(world, "free-b", "10Gi", "local", affinity=on_hosts("node-02"), phase=["Available", "Released", "Failed"][number % 3])
        claim(world, "c0", sc="local", size="1Gi")
        claim(world, "c1", sc="local", size="1Gi")
        claim(world, "c2", sc="local", size="1Gi")
        claim(world, "half", sc="local", to="free-a", annotations={})
        claim(world, "nobody", sc="local", to="no-such-volume")
        claim(world, "theirs", sc="local", to="for-other")
        claim(world, "soon", sc="now", to=None)
        plans = [["c1"], ["c0"], ["c2"], ["half"], ["nobody"], ["theirs"], ["soon"], ["c1", "c0"], ["c0", "half"]]
        for offset in range(5):
            world.pend(volumes=uses(*plans[(number * 2 + offset) % len(plans)]))
        yield world


def zones():
    """Volumes with zone labels, several zones in one with `__`, and the labels' old names on either side."""
    values = ["z1__z2", "z1", "z2__z3__z1", "z9", "z1__", "__z2", "z3__z3"]
    for number in range(8):
        world = World("edges-volumes", "zones", number)
        for index in range(5 + number % 2):
            zone = f"z{index % 3 + 1}"
            plan = (index + number) % 4
            labels = [{OLD_ZONE: zone, OLD_REGION: "r1"}, {ZONE: zone, REGION: "r1"}, {}, {ZONE: zone, OLD_ZONE: f"z{(index + 1) % 3 + 1}"}][plan]
            world.node(labels=labels, cpu="4", memory="8Gi")
        names = []
        for offset in range(5):
            key = [ZONE, OLD_ZONE][(offset + number) % 2]
            labels = {key: values[(number + offset) % len(values)]}
            if offset == 2:
                labels |= {[REGION, OLD_REGION][number % 2]: ["r1", "r2", "r1__r2"][number % 3]}
            if offset == 4:
                labels |= {OLD_ZONE: "z2", ZONE: "z1__z2"}
            bound_claim(world, f"c{offset}", labels=labels)
            names.append(f"c{offset}")
        for name in names:
            world.pend(volumes=uses(name))
        world.pend(volumes=uses(names[0], names[1]))
        yield world


IN_TREE = {
    "gce": lambda n: {"gcePersistentDisk": {"pdName": f"disk-{n}", "fsType": "ext4"}},
    "aws": lambda n: {"awsElasticBlockStore": {"volumeID": f"aws://us-east1-b/vol-{n}" if n % 2 else f"vol-{n}", "fsType": "ext4"}},
    "azure": lambda n: {"azureDisk": {"diskName": f"d{n}", "diskURI": f"/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/disks/d{n}",
                                      "kind": "Managed", "cachingMode": "ReadOnly", "fsType": "ext4", "readOnly": False}},
    "cinder": lambda n: {"cinder": {"volumeID": f"cinder-{n}", "fsType": "ext4"}},
}
DRIVERS = {"gce": "pd.csi.storage.gke.io", "aws": "ebs.csi.aws.com", "azure": "disk.csi.azure.com", "cinder": "cinder.csi.openstack.org"}
PROVISIONERS = {"gce": "kubernetes.io/gce-pd", "aws": "kubernetes.io/aws-ebs", "azure": "kubernetes.io/azure-disk", "cinder": "kubernetes.io/cinder"}


def migrated():
    """In-tree volumes count against the limits of the drivers that took them over."""
    for number, cloud in enumerate([*IN_TREE, *IN_TREE]):
        world = World("edges-volumes", "migrated", number)
        areas = [f"us-east1-{letter}" for letter in "bcd"]  # a zone's name must tell its region to the first of these
        for index in range(3 + number % 3):
            world.node(zone=areas[index % 3], region="us-east1", cpu=["4", "6", "8"][index % 3], memory="8Gi")
        source = IN_TREE[cloud]
        storage_class(world, "old", PROVISIONERS[cloud])
        for index, name in enumerate(world.nodes):
            if index != 2 or number < 4:
                names = [MIGRATED, MIGRATED, None, "kubernetes.io/gce-pd"][(index + number) % 4] if number >= 4 else MIGRATED
                csi_node(world, name, {DRIVERS[cloud]: 1 + (index + number) % 2, "pd.csi.example": 1}, names)
        for n in range(4):
            labels = {ZONE: areas[0], REGION: "us-east1"} if cloud == "gce" and n == 3 else {ZONE: f"{areas[0]}__{areas[1]}"} if n == 2 else None
            bound_claim(world, f"c{n}", source=source(n), sc="old", labels=labels)
        bound_claim(world, "new", source={"csi": {"driver": DRIVERS[cloud], "volumeHandle": "vol-0"}})
        claim(world, "later", sc="old")
        world.bound(world.nodes[0], volumes=uses("c0"))
        if number % 2:
            world.bound(world.nodes[1], volumes=inline(source(9)))
        world.pend(volumes=uses("c1"))
        world.pend(volumes=uses("c0"))
        world.pend(volumes=uses("c2", "new"))
        world.pend(volumes=inline(source(8)) + [{"name": "c", "persistentVolumeClaim": {"claimName": "c3"}}])
        world.pend(volumes=uses("later"))
        yield world


def limits():
    """Counts per driver: shared handles, no limit, a limit of 0, attachments without pods, drivers that insist on their node."""
    for number in range(8):
        world = world_of("limits", number, 3 + number % 3)
        world.add("CSIDriver", "pd.csi.example", api=STORAGE, spec={"attachRequired": True, "storageCapacity": False,
                  **({"preventPodSchedulingIfMissing": True} if number in (4, 5, 6) else {})})
        world.add("CSIDriver", "other.csi.example", api=STORAGE, spec={"attachRequired": True, "preventPodSchedulingIfMissing": number % 2 == 0})
        storage_class(world, "dyn")
        storage_class(world, "missing-driver", "other.csi.example")
        for index, name in enumerate(world.nodes):
            plan = [{"pd.csi.example": 1}, {"pd.csi.example": 2, "other.csi.example": None}, {"other.csi.example": 0}, {"pd.csi.example": 3}, None][(index + number) % 5]
            if plan is not None:
                csi_node(world, name, plan)
        for n in range(4):
            driver = ["pd.csi.example", "other.csi.example"][n == 3]
            bound_claim(world, f"c{n}", source={"csi": {"driver": driver, "volumeHandle": f"h{n // 2 if number % 3 == 0 else n}"}}, modes=("ReadWriteMany",))
        bound_claim(world, "c1", "team-a", source={"csi": {"driver": "pd.csi.example", "volumeHandle": "h1"}})
        claim(world, "later", sc="dyn")
        claim(world, "elsewhere", sc="missing-driver")
        world.bound(world.nodes[0], volumes=uses("c0"))
        world.bound(world.nodes[1], namespace="team-a", volumes=uses("c1"))
        if number % 2 == 0:
            for k, (node, source) in enumerate([(0, {"persistentVolumeName": "pv-default-c0"}), (1, {"persistentVolumeName": "pv-default-c2"}),
                                                (1, {"persistentVolumeName": "gone"}), (2, {"persistentVolumeName": "pv-default-c3"})]):
                world.add("VolumeAttachment", f"csi-{k}", api=STORAGE, status={"attached": k != 1}, spec={
                    "attacher": "other.csi.example" if k == 3 else "pd.csi.example", "nodeName": world.nodes[node], "source": source})
        ephemeral = [{"name": "i", "csi": {"driver": "pd.csi.example"}}]
        plans = [uses("c2"), uses("c1", "c2"), uses("c3"), uses("later"), uses("elsewhere"), uses("c0"), uses("c0", "later") + ephemeral, ephemeral]
        for offset in range(6):
            world.pend(volumes=plans[(number + offset) % len(plans)])
        yield world


def capacity():
    """What is free per class and topology, with and without a greatest size, in pieces and for several claims at once."""
    for number in range(8):
        world = world_of("capacity", number, 4 + number % 3)
        world.add("CSIDriver", "lvm.csi.example", api=STORAGE, spec={"storageCapacity": number != 7, "attachRequired": False})
        storage_class(world, "lvm", "lvm.csi.example")
        storage_class(world, "lvm-z1", "lvm.csi.example", topologies=[{"matchLabelExpressions": [{"key": ZONE, "values": ["z1", "z2"]}]}])
        storage_class(world, "plain", "plain.csi.example")
        sizes = [("10Gi", None), ("10Gi", "2Gi"), ("100Gi", "100Gi"), ("0", None), ("3Gi", None), (None, None), ("1Ti", "5Gi"), ("50Gi", None)]
        # Where several pieces cover a node, the score takes the one that comes first, by chance: here they never overlap.
        layout = [
            [{"matchLabels": {ZONE: "z1"}}, exprs(expr(ZONE, "In", "z2")), {"matchLabels": {ZONE: "z3"}}],
            [{"matchLabels": {HOST: f"node-{index:02}"}} for index in range(3)] + [None],
            [exprs(expr(ZONE, "NotIn", "z1"), expr(ZONE, "Exists")), {"matchLabels": {ZONE: "z1", HOST: "node-00"}}],
            [{}],
        ][number % 4]
        for k, sc in enumerate(["lvm", "lvm-z1"]):
            for index, topology in enumerate(layout):
                size, most = sizes[(number + index * 3 + k) % len(sizes)]
                more = {key: value for key, value in [("nodeTopology", topology), ("capacity", size), ("maximumVolumeSize", most)] if value is not None}
                world.add("CSIStorageCapacity", f"cap-{k}-{index}", ["default", "team-a"][index % 2], api=STORAGE, storageClassName=sc, **more)
        wanted = ["1Gi", "3Gi", "2Gi", "10Gi", "99Gi", "5Gi"]
        for k, size in enumerate(wanted):
            claim(world, f"c{k}", size=size, sc=["lvm", "lvm-z1", "plain"][k % 3 if k < 5 else 0])
            claim(world, f"d{k}", size=size, sc="lvm")
        plans = [["c0"], ["d1"], ["c1"], ["d0", "d2"], ["d3"], ["c2"], ["c3", "d5"], ["d4"], ["c4", "c0"]]
        for offset in range(5):
            world.pend(volumes=uses(*plans[(number + offset * 2) % len(plans)]))
        yield world


def once_pod():
    """ReadWriteOncePod: one pod in the whole cluster."""
    for number in range(5):
        world = world_of("oncepod", number, 3 + number % 2)
        storage_class(world, "dyn")
        bound_claim(world, "one", modes=("ReadWriteOncePod",))
        bound_claim(world, "many", modes=("ReadWriteMany",))
        bound_claim(world, "one", "team-a", modes=("ReadWriteOncePod",))
        claim(world, "later", sc="dyn", modes=("ReadWriteOncePod",))
        if number % 2:
            world.bound(world.nodes[number % 3], volumes=uses("one"), priority=[0, -5, 5][number % 3], deleted=number == 3)
        else:
            world.bound(world.nodes[0], namespace="team-a", volumes=uses("one", readOnly=True))
        world.pend(volumes=uses("one"))
        world.pend(volumes=uses("one", "many"))
        world.pend(volumes=uses("one"), namespace="team-a", priority=number)
        world.pend(volumes=uses("later"))
        world.pend(volumes=uses("later", "many"))
        yield world


def disks():
    """Volumes written in the pod that two pods on a node can't share."""
    kinds = [
        lambda n, ro: {"gcePersistentDisk": {"pdName": f"pd-{n}", "readOnly": ro}},
        lambda n, ro: {"awsElasticBlockStore": {"volumeID": f"vol-{n}", "readOnly": ro}},
        lambda n, ro: {"iscsi": {"targetPortal": f"10.0.0.{n}:3260", "iqn": "iqn.2001-04.com.example:s" + "ab"[n % 2], "lun": n, "readOnly": ro}},
        lambda n, ro: {"rbd": {"monitors": ["m1", f"m{n}"], "image": "img", "pool": ["rbd", "p2"][n % 2], "readOnly": ro, "keyring": "/etc/ceph/keyring", "user": "admin"}},
    ]
    for number in range(6):
        world = world_of("disks", number, 3)
        for index, name in enumerate(world.nodes):
            world.bound(name, volumes=inline(kinds[(index + number) % 4](index, (index + number) % 2 == 0)))
            if index == 1:
                world.bound(name, volumes=inline(kinds[number % 4](2, True), kinds[(number + 1) % 4](1, False)))
        for offset in range(6):
            sources = [kinds[(number + offset) % 4](offset % 3, offset % 2 == 0)]
            if offset == 3:
                sources.append(kinds[(number + 2) % 4](1, True))
            world.pend(volumes=inline(*sources))
        yield world


def chosen():
    """Which of several volumes a claim gets: the smallest that fits, of its class, mode and labels, and what later pods have left."""
    for number in range(6):
        world = world_of("chosen", number, 3 + number % 2)
        storage_class(world, "local", "kubernetes.io/no-provisioner")
        storage_class(world, "dyn")
        for index, name in enumerate(world.nodes):
            for k in range(1 + (index + number) % 3):
                volume(world, f"d-{index}-{k}", f"{(k * 5 + index * 2 + number) % 11 + 1}Gi", ["local", "dyn"][(index + k + number) % 5 == 4],
                       affinity=on_hosts(name), labels={"tier": ["ssd", "hdd"][k % 2]}, mode=["Filesystem", "Block"][(index + k) % 4 == 3],
                       modes=[["ReadWriteOnce"], ["ReadWriteOnce", "ReadWriteMany"]][k % 2], source={"local": {"path": f"/mnt/{k}"}})
        claim(world, "small", size="2Gi", sc="local")
        claim(world, "big", size="8Gi", sc="local")
        claim(world, "ssd", size="1Gi", sc="local", selector={"matchLabels": {"tier": "ssd"}})
        claim(world, "many", size="1Gi", sc="local", modes=("ReadWriteMany",))
        claim(world, "raw", size="1Gi", sc="local")
        world.objects[-1]["spec"]["volumeMode"] = "Block"
        claim(world, "dyn", size="4Gi", sc="dyn")
        claim(world, "hdd", size="3Gi", sc="dyn", selector=exprs(expr("tier", "NotIn", "ssd")))
        plans = [["small"], ["small", "big"], ["ssd"], ["many", "ssd"], ["raw"], ["dyn"], ["hdd", "small"], ["big"]]
        for offset in range(5):
            world.pend(volumes=uses(*plans[(number + offset * 3) % len(plans)]))
        yield world


def topologies():
    """allowedTopologies with several keys and terms, and volumes whose node affinity has several terms."""
    plans = [
        [{"matchLabelExpressions": [{"key": ZONE, "values": ["z1"]}, {"key": "disk", "values": ["ssd"]}]}],
        [{"matchLabelExpressions": [{"key": ZONE, "values": ["z1", "z3"]}]}, {"matchLabelExpressions": [{"key": "disk", "values": ["hdd"]}]}],
        [{"matchLabelExpressions": [{"key": OLD_ZONE, "values": ["z2"]}]}],
        [{}],
    ]
    affinities = [
        [exprs(expr(ZONE, "In", "z1")), exprs(expr("disk", "In", "hdd"))], [exprs(expr(ZONE, "NotIn", "z1"), expr("disk", "Exists"))],
        [exprs(expr("gen", "Gt", "2"))], [{"matchFields": [expr("metadata.name", "In", "node-01")]}], [{}], [exprs(expr(OLD_ZONE, "In", "z1"))],
    ]
    for number in range(6):
        world = World("edges-volumes", "topologies", number)
        for index in range(4 + number % 3):
            world.node(zone=f"z{index % 3 + 1}", labels={"disk": ["ssd", "hdd"][index % 2], **({"gen": str(index)} if index % 3 else {})}, cpu="4", memory="8Gi")
        for k, plan in enumerate(plans):
            storage_class(world, f"sc{k}", topologies=plan)
            claim(world, f"w{k}", sc=f"sc{k}")
        for k, plan in enumerate(affinities):
            bound_claim(world, f"b{k}", affinity=plan)
        for offset in range(5):
            names = [[f"w{(number + offset) % 4}"], [f"b{(number + offset) % 6}"], [f"w{number % 4}", f"b{(number + 2) % 6}"],
                     [f"b{(number + 3) % 6}"], [f"w{(number + 1) % 4}", f"w{(number + 2) % 4}"]][offset]
            world.pend(volumes=uses(*names))
        yield world


def missing():
    """Claims, classes and volumes that are not there, being deleted, lost, without a class, or of another pod."""
    for number in range(6):
        world = world_of("missing", number, 2 + number % 3)
        storage_class(world, "dyn")
        storage_class(world, "now", mode=NOW)
        claim(world, "no-class", sc="gone")
        claim(world, "empty-class", sc="")
        claim(world, "unset-class", sc=None)
        claim(world, "now", sc="now")
        claim(world, "lost", sc="dyn", to="pv-lost")
        world.objects[-1]["status"]["phase"] = "Lost"
        claim(world, "leaving", sc="dyn")
        world.objects[-1]["metadata"] |= {"deletionTimestamp": "2023-11-14T22:00:00Z", "finalizers": ["kubernetes.io/pvc-protection"]}
        claim(world, "good", sc="dyn")
        claim(world, "annotated", sc=None, annotations={"volume.beta.kubernetes.io/storage-class": "dyn"})
        claim(world, "node-chosen", sc="dyn", annotations={"volume.kubernetes.io/selected-node": "node-01"})
        plans = [["no-class"], ["empty-class"], ["unset-class"], ["now"], ["lost"], ["leaving"], ["nothing"], ["annotated"], ["good", "nothing"],
                 ["node-chosen"], ["good"]]
        for offset in range(6):
            world.pend(volumes=uses(*plans[(number * 2 + offset) % len(plans)]))
        yield world


def ephemeral():
    """Generic ephemeral volumes: the claim is named for pod and volume, and must be the pod's own."""
    for number in range(4):
        world = world_of("ephemeral", number, 3 + number % 2)
        storage_class(world, "dyn")
        for name in world.nodes:
            csi_node(world, name, {"pd.csi.example": 1 + number % 2})
        template = {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "dyn"}}
        volumes = [{"name": "scratch", "ephemeral": {"volumeClaimTemplate": template}}]
        owners = [("p0", "default-p0"), ("p1", "someone"), None, ("p3", "default-p3")]
        for k, owner in enumerate(owners[number % 2:] if number < 2 else owners):
            claim(world, f"p{k}-scratch", sc="dyn", owner=owner)
        for k in range(5):
            world.pend(volumes=volumes + (uses("p0-scratch") if k == 3 else []))
        yield world


def twice():
    """A claim that a pod mounts twice takes two volumes; then two are reserved for it."""
    for number in range(4):
        world = world_of("twice", number, 3)
        storage_class(world, "local", "kubernetes.io/no-provisioner")
        storage_class(world, "dyn")
        claim(world, "a", sc="local")
        claim(world, "b", sc=["local", "dyn"][number % 2])
        for index in range(2 + number):
            volume(world, f"v{index}", f"{index + 1}Gi", "local", affinity=on_hosts("node-00", "node-02") if index != 1 else on_hosts("node-00"))
        world.pend(volumes=uses("a", "a", "b"))
        world.pend(volumes=uses("a", "a"))
        world.pend(volumes=uses("b", "b"))
        yield world


def untranslatable():
    """Disks named the old way that no driver can take over: where a node says that one has, the attempt fails."""
    zones = ["z1__z2", "us-east1-b__us-east1-c", "us-east1-b__us-west1-a", "us-east1-b__x"]
    sources = [{"awsElasticBlockStore": {"volumeID": "aws://z1/vol-1"}}, {"awsElasticBlockStore": {"volumeID": "aws://z1/disk"}},
               {"azureDisk": {"diskName": "d", "diskURI": "d1", "kind": "Managed"}},
               {"azureDisk": {"diskName": "d", "diskURI": "d1", "kind": "Shared"}}]
    drivers = {"pd.csi.storage.gke.io": 1, "ebs.csi.aws.com": 1, "disk.csi.azure.com": 2}
    for number in range(8):
        world = world_of("untranslatable", number, 4)
        csi_node(world, "node-00", drivers, MIGRATED if number % 2 else None)
        csi_node(world, "node-01", drivers if number % 3 else {}, "kubernetes.io/gce-pd" if number % 4 > 1 else None)
        labels = {[ZONE, OLD_ZONE][number % 2]: zones[number % 4]}
        bound_claim(world, "region", labels=labels, source={"gcePersistentDisk": {"pdName": "d"}})
        bound_claim(world, "disk", source=sources[number % 4])
        # One disk alone fails at a time, as it is chance which of several is told.
        if number % 4 in (1, 3):
            world.bound("node-00", name="old", volumes=inline(sources[number % 4]))
        world.pend(volumes=uses("region"))
        world.pend(volumes=uses("disk"), nodeSelector={HOST: "node-00"})
        world.pend(volumes=inline(sources[(number + 1) % 4]), nodeSelector={HOST: f"node-0{number % 3}"})
        world.pend(volumes=uses("disk"), nodeSelector={HOST: "node-01"})
        yield world


def unowned():
    """A pod that somebody bound by hand with an ephemeral claim of another's: no volumes can be counted on that node."""
    template = {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "dyn"}}
    for number in range(5):
        world = world_of("unowned", number, 3)
        storage_class(world, "dyn")
        csi_node(world, "node-00", {"pd.csi.example": 3 if number != 1 else None})
        csi_node(world, "node-01", {"pd.csi.example": 3})
        bound_claim(world, "c")
        claim(world, "byhand-scratch", sc="dyn", owner=("byhand", ["someone", "default-byhand"][number == 2]))
        world.bound("node-00", name="byhand", volumes=[{"name": "scratch", "ephemeral": {"volumeClaimTemplate": template}}],
                    requests={"cpu": "3900m", "memory": "64Mi"} if number == 3 else None)
        world.pend(requests={"cpu": "200m"})
        world.pend(volumes=uses("c"), requests={"cpu": "200m"})
        world.pend(volumes=uses("c"), nodeSelector={HOST: "node-01"})
        yield world


def portworx():
    """Up to 1.35 the volumes of Portworx count where the node says that the driver has taken over."""
    for number in range(4):
        world = world_of("portworx", number, 3)
        for index, name in enumerate(world.nodes):
            csi_node(world, name, {"pxd.portworx.com": 1 + number % 2}, "kubernetes.io/portworx-volume" if index == number % 3 else None)
        for index in range(5):
            bound_claim(world, f"c{index}", source={"portworxVolume": {"volumeID": f"v{index % (3 + number)}"}})
        for index, name in enumerate(world.nodes):
            world.bound(name, volumes=uses(f"c{index}"))
        for index in range(4):
            world.pend(volumes=uses(f"c{index + 1}"))
        world.pend(volumes=uses("c3", "c4"))
        yield world


def terminating():
    """Volumes that are being deleted are no candidates, free or reserved."""
    for number in range(4):
        world = world_of("terminating", number, 3)
        storage_class(world, "local", "kubernetes.io/no-provisioner")
        going = []
        volume(world, "small", "1Gi", "local", affinity=on_hosts("node-00"))
        going.append(world.objects[-1])
        volume(world, "large", "5Gi", "local", affinity=on_hosts(["node-01", "node-00"][number % 2]))
        volume(world, "mine", "2Gi", "local", claim=("default", "c1"), affinity=on_hosts("node-02"), phase="Available")
        if number > 1:
            going.append(world.objects[-1])
        for found in going:
            found["metadata"] |= {"deletionTimestamp": "2023-11-14T22:00:00Z", "deletionGracePeriodSeconds": 0,
                                  "finalizers": ["kubernetes.io/pv-protection"]}
        for index in range(3):
            claim(world, f"c{index}", sc="local")
        world.pend(volumes=uses("c1"))
        world.pend(volumes=uses("c0"))
        world.pend(volumes=uses("c2"))
        yield world


GROUPS = [terminating, twice, untranslatable, unowned, portworx, prebound, zones, migrated, limits, capacity, once_pod, disks, chosen, topologies, missing, ephemeral]
