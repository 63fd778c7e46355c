"""A dump without its names: the same decisions, and nobody's business.

Names, namespaces, label keys and values, images and uids are replaced word by word: `web-7d4b9-x2x7k` becomes
`truea0123-a0003-truea0144`, wherever it stands, so that what belongs together still does. Words keep their order, and numbers stay,
so that what is sorted by name still is. Environments, commands, annotations and addresses are left out.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from typing import Any

#: Fields whose text is made of names.
NAMES = frozenset(
    ["name", "namespace", "generateName", "nodeName", "nominatedNodeName", "claimName", "volumeName", "storageClassName", "priorityClassName", "runtimeClassName", "serviceName", "serviceAccountName", "serviceAccount", "hostname", "subdomain", "image", "uid", "volumeHandle", "secretName", "resourceClaimName", "resourceClaimTemplateName", "currentRevision", "updateRevision", "updatedReplicaSet", "pool", "driver", "nodeID", "deviceClassName", "namespaces", "names", "claimRef"]
)
#: Maps of labels, and of what selects them.
LABELS = frozenset(["labels", "matchLabels", "nodeSelector", "selector"])
#: Fields that no decision looks at, and that tell what runs.
DROPPED = frozenset(
    ["managedFields", "env", "envFrom", "command", "args", "workingDir", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "hostIP", "hostIPs", "podIP", "podIPs", "addresses", "imageID", "containerID", "selfLink", "resourceVersion", "message", "lastState", "providerID", "podCIDR", "podCIDRs", "externalIPs", "clusterIP", "clusterIPs", "description", "loadBalancer", "ingress", "configMapRef", "machineID", "systemUUID", "bootID"]
)
#: Annotations that decisions look at.
ANNOTATIONS = (
    "kubernetes.io/config.mirror",
    "deployment.kubernetes.io/",
    "deprecated.daemonset.template.generation",
    "controller.kubernetes.io/pod-deletion-cost",
    "storageclass.kubernetes.io/is-default-class",
    "volume.kubernetes.io/",
    "pv.kubernetes.io/",
)
#: Label keys that controllers write and read.
KEYS = frozenset(
    ["pod-template-hash", "controller-revision-hash", "pod-template-generation", "job-name", "controller-uid"]
)
#: Values that say nothing, and mean something.
WORDS = frozenset(
    ["default", "system", "node", "critical", "cluster", "kube", "public", "lease", "linux", "windows", "amd64", "arm64", "metadata", "name", "true", "false", "scheduler"]
)
WORD = re.compile(r"[A-Za-z0-9]+")


class Scrubber:
    """Replaces words, each by the same one everywhere."""

    def __init__(self, document: Any) -> None:
        words = sorted({word for text in _names(document, "") for word in WORD.findall(text)} - WORDS)
        words = [word for word in words if not word.isdigit()]
        digits = max(4, len(str(len(words))))
        kept = sorted(WORDS)
        # Behind a word that stays, so that the order stays too.
        before = [kept[at - 1] if (at := bisect.bisect(kept, word)) else "" for word in words]
        self._words = {word: f"{first}a{number:0{digits}d}" for number, (word, first) in enumerate(zip(words, before))}

    def text(self, text: str) -> str:
        """A name with other words."""
        return WORD.sub(lambda found: self._words.get(found[0], found[0]), text)

    def key(self, key: str) -> str:
        """A label's key; those of Kubernetes' own stay."""
        return key if _is_known(key) else self.text(key)

    def value(self, value: Any, field: str = "") -> Any:
        """A value without names."""
        if isinstance(value, dict):
            if field in LABELS and all(isinstance(item, str) for item in value.values()):
                return {self.key(key): self.text(item) for key, item in value.items()}
            if field == "annotations":
                return {key: item for key, item in value.items() if key.startswith(ANNOTATIONS)}
            if "key" in value and ("operator" in value or "effect" in value or "values" in value):
                return self._requirement(value)
            return {key: self.value(item, key) for key, item in value.items() if key not in DROPPED}
        if isinstance(value, list):
            if field in ("matchLabelKeys", "mismatchLabelKeys"):
                return [self.key(item) for item in value]
            return [self.value(item, field) for item in value]
        if isinstance(value, str):
            if field in NAMES:
                return self.text(value)
            if field == "topologyKey" or field == "key":
                return self.key(value)
        return value

    def _requirement(self, value: dict[str, Any]) -> dict[str, Any]:
        scrubbed = dict(value) | {"key": self.key(value["key"])}
        if isinstance(value.get("value"), str):
            scrubbed["value"] = self.text(value["value"])
        if isinstance(value.get("values"), list):
            scrubbed["values"] = [self.text(item) for item in value["values"]]
        return scrubbed


def scrub(document: Any) -> Any:
    """A dump, as `json.load` gives it, without its names."""
    return Scrubber(document).value(document)


def _is_known(key: str) -> bool:
    prefix, slash, _ = key.rpartition("/")
    domain = prefix if slash else ""
    return (
        key in KEYS
        or domain == "kubernetes.io"
        or domain.endswith((".kubernetes.io", ".k8s.io"))
        or key == "metadata.name"
    )


def _names(value: Any, field: str) -> Iterator[str]:
    """All texts that are made of names."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in DROPPED or key == "annotations":
                continue
            if field in LABELS and isinstance(item, str):
                yield item
                if not _is_known(key):
                    yield key
            yield from _names(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item, field)
    elif isinstance(value, str) and (
        field in NAMES
        or field in ("value", "values", "matchLabelKeys")
        or (field in ("key", "topologyKey")
        and not _is_known(value))
    ):
        yield value
