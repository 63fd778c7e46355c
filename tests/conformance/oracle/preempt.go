package main

import (
	"fmt"
	"reflect"
	"sort"
	"unsafe"

	v1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework"
)

// preempt asks DefaultPreemption for a dry run on every node, and evicts the victims of the first best one at once.
func (r *run) preempt(pod *v1.Pod, state fwk.CycleState, fe *framework.FitError) *Preempt {
	nts := fe.Diagnosis.NodeToStatus
	if s := r.dynamicResourcesPostFilter(state, pod, nts); s.Code() == fwk.Error { // it runs first, and an error of its ends the round
		return &Preempt{Message: s.Message()}
	}
	text := func() *Preempt { // nothing will be evicted, so the real thing can speak for itself
		_, s := r.fw.RunPostFilterPlugins(r.ctx, state, pod, nts)
		return &Preempt{Message: s.Message()}
	}
	if ok, _ := r.pl.Evaluator.PodEligibleToPreemptOthers(r.ctx, pod, nts.Get(pod.Status.NominatedNodeName)); !ok {
		return text()
	}
	pn, err := nts.NodesForStatusCode(r.fw.SnapshotSharedLister().NodeInfos(), fwk.Unschedulable)
	if err != nil || len(pn) == 0 {
		return text()
	}
	cands, _, err := r.pl.Evaluator.DryRunPreemption(r.ctx, state, pod, pn, r.pdbs(), 0, int32(len(pn)+1))
	if err != nil {
		return &Preempt{Message: "error: " + err.Error()}
	}
	if len(cands) == 0 {
		return text()
	}
	p := &Preempt{}
	victims := map[string][]*v1.Pod{}
	for _, c := range cands {
		cd := Cand{Node: c.Name(), PDBViolations: c.Victims().NumPDBViolations}
		for _, v := range c.Victims().Pods {
			cd.Victims = append(cd.Victims, key(v))
		}
		victims[c.Name()] = c.Victims().Pods
		p.Candidates = append(p.Candidates, cd)
	}
	sort.Slice(p.Candidates, func(i, j int) bool { return r.nodeIdx[p.Candidates[i].Node] < r.nodeIdx[p.Candidates[j].Node] })
	best := map[string]bool{}
	for i := 0; i < 64; i++ {
		best[r.pl.Evaluator.SelectCandidate(r.ctx, cands).Name()] = true
	}
	for n := range best {
		p.Best = append(p.Best, n)
	}
	p.Best = r.sorted(p.Best)
	p.Chosen = p.Best[0]
	if foundText {
		p.Message = fmt.Sprintf("preemption: found a potential placement for pod on node %v, preempting %d victims", p.Chosen, len(victims[p.Chosen]))
	}
	for _, v := range victims[p.Chosen] {
		p.Victims = append(p.Victims, key(v))
		cur := r.pods[key(v)]
		var err error
		if as, _ := r.sched.Cache.IsAssumedPod(cur); as {
			err = r.sched.Cache.ForgetPod(klog.FromContext(r.ctx), cur)
		} else {
			err = r.sched.Cache.RemovePod(klog.FromContext(r.ctx), cur)
		}
		if err != nil {
			p.Message = "evict: " + err.Error()
		}
	}
	return p
}

// dynamicResourcesPostFilter asks the plugin that the default profile runs before DefaultPreemption.
func (r *run) dynamicResourcesPostFilter(state fwk.CycleState, pod *v1.Pod, nts *framework.NodeToStatus) *fwk.Status {
	f := reflect.ValueOf(r.fw).Elem().FieldByName("postFilterPlugins")
	pls := reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
	for i := 0; i < pls.Len(); i++ {
		pl := pls.Index(i).Elem()
		if pl.MethodByName("Name").Call(nil)[0].String() == "DynamicResources" {
			out := pl.MethodByName("PostFilter").Call([]reflect.Value{reflect.ValueOf(r.ctx), reflect.ValueOf(state), reflect.ValueOf(pod), reflect.ValueOf(nts)})
			return out[1].Interface().(*fwk.Status)
		}
	}
	return nil
}
