// Marks the root of the module. What it needs is in modules/, a file for each Kubernetes version: see build.sh.
module oracle
