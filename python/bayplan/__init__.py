"""kube-scheduler's own decisions without an API server: Kubernetes objects in, exact placements and reasons out.

>>> from bayplan import Cluster
>>> cluster = Cluster.load("dump.json")          # kubectl get nodes,pods,… -A -o json
>>> placements = cluster.place("deployment.yaml")
>>> print(placements)                            # doctest: +SKIP
>>> cluster.why("shop/web-1").message            # doctest: +SKIP
>>> cluster.fit("deployment.yaml").replicas      # doctest: +SKIP
"""

from bayplan._bayplan import __version__
from bayplan._cluster import DEVICES_DUMP_COMMAND, DUMP_COMMAND, KUBERNETES_VERSIONS, Cluster, Skipped
from bayplan._errors import ConfigError, Error, FileError, InputError, NotFoundError, TooManyPodsError
from bayplan._explanation import Explanation, Rejection, Verdict
from bayplan._fit import Fit
from bayplan._placements import Candidate, Eviction, NotApplied, Placement, Placements, Preemption
from bayplan._simulation import Applied, Gone, Simulation

__all__ = [
    "DEVICES_DUMP_COMMAND",
    "DUMP_COMMAND",
    "KUBERNETES_VERSIONS",
    "Applied",
    "Candidate",
    "Cluster",
    "ConfigError",
    "Error",
    "Eviction",
    "Explanation",
    "FileError",
    "Fit",
    "Gone",
    "InputError",
    "NotApplied",
    "NotFoundError",
    "Placement",
    "Placements",
    "Preemption",
    "Rejection",
    "Simulation",
    "Skipped",
    "TooManyPodsError",
    "Verdict",
    "__version__",
]
