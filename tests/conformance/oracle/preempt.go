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
	"k8s.io/kubernetes/pkg/scheduler/framework/preemption"
)

// preempt asks DefaultPreemption for a dry run on every node, and evicts the victims of the first best one at once.
func (r *run) preempt(pod *v1.Pod, state fwk.CycleState, fe *framework.FitError) *Preempt {
	// The real thing goes by the pod as the informer has it, which has not heard of a nomination of this run.
	if known, err := r.pl.Evaluator.PodLister.Pods(pod.Namespace).Get(pod.Name); err == nil {
		known.Status.NominatedNodeName = pod.Status.NominatedNodeName
	}
	nts := fe.Diagnosis.NodeToStatus
	text := func() *Preempt { // nothing will be evicted, so the real thing can speak for itself
		_, s := r.fw.RunPostFilterPlugins(r.ctx, state, pod, nts)
		return &Preempt{Message: s.Message()}
	}
	preempts, ended := r.postFiltersBefore(state, pod, nts)
	if ended != nil { // by an error of a plugin that runs first
		return &Preempt{Message: ended.Message()}
	}
	if !preempts {
		return text()
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
	p.Best = r.sorted(r.best(cands))
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

// best are the candidates that the selection may pick. It draws among equal ones by the order of a Go map, in which the second of two
// comes first once in eight times: a candidate that the picked one beats 512 times is worse.
func (r *run) best(cands []preemption.Candidate) []string {
	picked := r.pl.Evaluator.SelectCandidate(r.ctx, cands)
	names := []string{picked.Name()}
	for _, c := range cands {
		for i := 0; c.Name() != picked.Name() && i < 512; i++ {
			if r.pl.Evaluator.SelectCandidate(r.ctx, []preemption.Candidate{picked, c}).Name() == c.Name() {
				names = append(names, c.Name())
				break
			}
		}
	}
	return names
}

// postFiltersBefore asks the plugins that the profile runs before DefaultPreemption, which tells whether the profile preempts at all,
// and the error that ends the round. DynamicResources is the only other one.
func (r *run) postFiltersBefore(state fwk.CycleState, pod *v1.Pod, nts *framework.NodeToStatus) (bool, *fwk.Status) {
	f := reflect.ValueOf(r.fw).Elem().FieldByName("postFilterPlugins")
	pls := reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
	for i := 0; i < pls.Len(); i++ {
		pl := pls.Index(i).Elem()
		switch pl.MethodByName("Name").Call(nil)[0].String() {
		case "DefaultPreemption":
			return true, nil
		case "DynamicResources":
			out := pl.MethodByName("PostFilter").Call([]reflect.Value{reflect.ValueOf(r.ctx), reflect.ValueOf(state), reflect.ValueOf(pod), reflect.ValueOf(nts)})
			if s := out[1].Interface().(*fwk.Status); s.Code() == fwk.Error {
				return false, s
			}
		}
	}
	return false, nil
}
