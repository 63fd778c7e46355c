"""kube-scheduler's own decisions without an API server: Kubernetes objects in, exact placements and reasons out.

>>> from bayplan import Cluster
>>> cluster = Cluster.load("dump.json")          # kubectl get nodes,pods,… -A -o json
>>> placements = cluster.place("deployment.yaml")
>>> print(placements)                            # doctest: +SKIP
>>> cluster.why("shop/web-1").message            # doctest: +SKIP
>>> cluster.fit("deployment.yaml").replicas      # doctest: +SKIP
"""

from bayplan._bayplan import __version__
from bayplan._change import Change
from bayplan._cluster import DEVICES_DUMP_COMMAND, DUMP_COMMAND, KUBERNETES_VERSIONS, Cluster, Skipped
from bayplan._errors import ConfigError, Error, FileError, InputError, NotFoundError, TooManyPodsError
from bayplan._explanation import Explanation, NodeVerdict, Rejection, Verdict
from bayplan._fit import Fit
from bayplan._headroom import Headroom
from bayplan._inventory import Amount, Node, Pod, Records, WorkloadInfo
from bayplan._manifests import Check, Finding
from bayplan._placements import Candidate, Eviction, NotApplied, Placement, Placements, Preemption
from bayplan._simulation import Applied, Drain, Drained, Gone, Simulation
from bayplan._size import Bought, Priced, Size
from bayplan._sweep import Checked, Scenario, Sweep, Swept
from bayplan._whatif import (
    Diff,
    Difference,
    Emptied,
    Fail,
    Failure,
    FitSeveral,
    Fitted,
    Gpus,
    Kept,
    Nodes,
    PreemptionPreview,
    Shrink,
    Step,
    Totals,
    Upgrade,
    Workload,
)
from bayplan.picture import Picture

__all__ = [
    "DEVICES_DUMP_COMMAND",
    "DUMP_COMMAND",
    "KUBERNETES_VERSIONS",
    "Amount",
    "Applied",
    "Bought",
    "Candidate",
    "Change",
    "Check",
    "Checked",
    "Cluster",
    "ConfigError",
    "Diff",
    "Difference",
    "Drain",
    "Drained",
    "Emptied",
    "Error",
    "Eviction",
    "Explanation",
    "Fail",
    "Failure",
    "FileError",
    "Finding",
    "Fit",
    "FitSeveral",
    "Fitted",
    "Gone",
    "Gpus",
    "Headroom",
    "InputError",
    "Kept",
    "Node",
    "NodeVerdict",
    "Nodes",
    "NotApplied",
    "NotFoundError",
    "Placement",
    "Picture",
    "Placements",
    "Pod",
    "Preemption",
    "PreemptionPreview",
    "Priced",
    "Records",
    "Rejection",
    "Scenario",
    "Shrink",
    "Simulation",
    "Size",
    "Skipped",
    "Step",
    "Sweep",
    "Swept",
    "TooManyPodsError",
    "Totals",
    "Upgrade",
    "Verdict",
    "Workload",
    "WorkloadInfo",
    "__version__",
]
