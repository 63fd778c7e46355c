#!/bin/sh
# ask.sh MINOR ORACLE: writes edges*.expected-MINOR.ndjson.gz, what the scheduler in the program ORACLE does with the edge cases.
#
# Write the cases first: python3 generate.py
#
# ORACLE is a Go program around the scheduler's own framework. It reads cases from its standard input and prints a line of steps
# for each (both formats: ../conformance/README.md). To build one for a minor version:
#   1. a Go module that requires k8s.io/kubernetes at the patch release (v1.37.2), with a `replace` of every staging module
#      (k8s.io/api, apimachinery, client-go, component-base, …) by its release of the same minor and patch (v0.37.2);
#   2. for each case, a fake clientset with the objects, the informers, and scheduler.New with the case's profiles and
#      percentageOfNodesToScore 100, waiting until the cache has every node and bound pod;
#   3. for each pending pod in order: refresh the snapshot, run SchedulePod for its error, then the PreFilter plugins, the Filter
#      plugins on every node in order, and the PreScore and Score plugins on the feasible ones; write down what they return; run
#      Reserve and assume the pod on the first best node (or the only, or the nominated one), started at 1700000000 + k seconds;
#   4. where no node is feasible, the PostFilter's dry run of preemption; evict the victims, and try the pod again, nominated.
# The answers in the repository are those of v1.34.4, v1.35.4, v1.36.3 and v1.37.2.
set -eu
minor=$1 oracle=$2
vectors=$(dirname "$0")/../conformance/vectors
for category in edges edges-nominated edges-topology edges-volumes; do
    answers=$(mktemp)
    # Three times: an answer that depends on chance (the order of a map) is no vector. Seldom the scheduler is asked before its
    # own cache of claims has filled ("could not find v1.PersistentVolumeClaim"): then run it again.
    for round in 1 2 3; do
        gzip -dc "$vectors/$category.cases.ndjson.gz" | "$oracle" -workers 2 >"$answers.$round"
        cmp "$answers.$round" "$answers.1" || { echo "$category $minor: the answers differ from run to run" >&2; exit 1; }
    done
    if grep -q '^{"name":"[^"]*","error"' "$answers.1"; then
        grep -o '^{"name":"[^"]*","error":"[^"]*"' "$answers.1" >&2
        exit 1
    fi
    gzip -9nc "$answers.1" >"$vectors/$category.expected-$minor.ndjson.gz"
    echo "$category $minor: $(wc -l <"$answers.1") cases"
    rm -f "$answers" "$answers".?
done
