package main

import (
	"fmt"
	"os"
	"time"

	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/scheduler/framework"
)

// bench measures SchedulePod and assume, without the second pass over the plugins.
func bench(c *Case, parallelism int, pct int32) {
	r, err := setup(c, parallelism, pct)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	defer r.cancel()
	n, fail := 0, 0
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
	fmt.Printf("%s nodes=%d pods=%d placed=%d failed=%d par=%d pct=%d seconds=%.3f pods/s=%.1f us/pod=%.1f\n", c.Name, len(r.nodes), len(c.Pending), n, fail, parallelism, pct, d.Seconds(), float64(len(c.Pending))/d.Seconds(), d.Seconds()*1e6/float64(len(c.Pending)))
}
