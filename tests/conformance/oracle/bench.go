package main

import (
	"fmt"
	"os"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework"
)

// bench measures SchedulePod and assume, without the second pass over the plugins. Of a pod that fits nowhere it measures what follows too:
// the dry run of preemption on every node, and the choice among its candidates. Nothing is evicted, so that each such pod finds the same.
func bench(c *Case, parallelism int, pct int32) {
	r, err := setup(c, parallelism, pct)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	defer r.cancel()
	n, fail, cands := 0, 0, 0
	t0 := time.Now()
	for _, k := range c.Pending {
		pod := r.pods[k]
		state := framework.NewCycleState()
		if err := r.refresh(); err != nil {
			panic(err)
		}
		res, err := r.schedulePod(state, pod)
		if err != nil {
			fail++
			cands += r.weigh(pod, state, err)
			continue
		}
		a := pod.DeepCopy()
		a.Spec.NodeName = res.SuggestedHost
		if err := r.sched.Cache.AssumePod(klog.FromContext(r.ctx), a); err != nil {
			panic(err)
		}
		n++
	}
	d := time.Since(t0)
	fmt.Printf("%s nodes=%d pods=%d placed=%d failed=%d candidates=%d par=%d pct=%d seconds=%.3f pods/s=%.1f us/pod=%.1f\n", c.Name, len(r.nodes), len(c.Pending), n, fail, cands, parallelism, pct, d.Seconds(), float64(len(c.Pending))/d.Seconds(), d.Seconds()*1e6/float64(len(c.Pending)))
}

// weigh has preemption weigh all nodes for a pod that failed; how many candidates it found.
func (r *run) weigh(pod *v1.Pod, state fwk.CycleState, failed error) int {
	fe, ok := failed.(*framework.FitError)
	if !ok {
		return 0
	}
	nodes, err := fe.Diagnosis.NodeToStatus.NodesForStatusCode(r.fw.SnapshotSharedLister().NodeInfos(), fwk.Unschedulable)
	if err != nil || len(nodes) == 0 {
		return 0
	}
	cands, _, err := r.pl.Evaluator.DryRunPreemption(r.ctx, state, pod, nodes, r.pdbs(), 0, int32(len(nodes)+1))
	if err != nil {
		panic(err)
	}
	if len(cands) > 0 {
		r.pl.Evaluator.SelectCandidate(r.ctx, cands)
	}
	return len(cands)
}
