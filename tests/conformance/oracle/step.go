package main

import (
	"sort"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework"
)

// runCase schedules the case's pending pods in order; a pod for which others were evicted comes again at once, nominated.
func runCase(c *Case) Expect {
	e := Expect{Name: c.Name}
	r, err := setup(c, 1, 100)
	if err != nil {
		e.Error = err.Error()
		return e
	}
	defer r.cancel()
	for _, k := range c.Pending {
		pod, ok := r.pods[k]
		if !ok {
			e.Error = "no such pod " + k
			return e
		}
		st := r.one(pod)
		e.Steps = append(e.Steps, st)
		if st.Preemption != nil && st.Preemption.Chosen != "" {
			q := pod.DeepCopy()
			q.Status.NominatedNodeName = st.Preemption.Chosen
			if err := r.nominate(q); err != nil {
				e.Error = err.Error()
				return e
			}
			e.Steps = append(e.Steps, r.one(q))
		}
	}
	return e
}

// nominate tells the scheduler's queue what a failed cycle tells it, for others to count the pod on its node.
func (r *run) nominate(pod *v1.Pod) error {
	info, err := framework.NewPodInfo(pod)
	if err != nil {
		return err
	}
	to := framework.NewPostFilterResultWithNominatedNode(pod.Status.NominatedNodeName)
	r.sched.SchedulingQueue.AddNominatedPod(klog.FromContext(r.ctx), info, to.NominatingInfo)
	return nil
}

// one schedules one pod as a scheduling cycle does, and binds it. SchedulePod gives the error and its diagnosis; the plugins are
// then run once more, one by one, for what each of them says.
func (r *run) one(pod *v1.Pod) Step {
	st := Step{Pod: key(pod)}
	if len(pod.Spec.SchedulingGates) > 0 {
		st.Result = "Gated"
		for _, p := range r.fw.PreEnqueuePlugins() {
			if s := p.PreEnqueue(r.ctx, pod); !s.IsSuccess() {
				st.Message = s.Message()
				return st
			}
		}
	}
	state0 := framework.NewCycleState()
	if err := r.refresh(); err != nil {
		panic(err)
	}
	_, err := r.schedulePod(state0, pod)
	fitErr, isFit := err.(*framework.FitError)
	if err != nil && !isFit {
		st.Result = "Error"
		st.Error = err.Error()
		return st
	}
	state := framework.NewCycleState()
	preRes, s, _ := r.fw.RunPreFilterPlugins(r.ctx, state, pod)
	var feasible []fwk.NodeInfo
	if !s.IsSuccess() {
		st.PreFilter = &PreFilter{Plugin: s.Plugin(), Code: s.Code().String(), Reason: s.Message()}
	} else {
		st.Filtered = map[string]NodeStatus{}
		for _, n := range r.nodes {
			ni, err := r.fw.SnapshotSharedLister().NodeInfos().Get(n)
			if err != nil {
				st.Result, st.Error = "Error", err.Error()
				return st
			}
			if !preRes.AllNodes() && !preRes.NodeNames.Has(n) {
				st.Filtered[n] = NodeStatus{Plugin: "PreFilterResult", Code: "UnschedulableAndUnresolvable"}
				continue
			}
			fs := r.fw.RunFilterPluginsWithNominatedPods(r.ctx, state, pod, ni)
			if fs.IsSuccess() {
				feasible = append(feasible, ni)
				st.Feasible = append(st.Feasible, n)
			} else {
				rs := append([]string{}, fs.Reasons()...)
				sort.Strings(rs)
				st.Filtered[n] = NodeStatus{Plugin: fs.Plugin(), Code: fs.Code().String(), Reasons: rs}
			}
		}
	}
	if len(feasible) == 0 {
		st.Result = "Unschedulable"
		if fitErr == nil {
			st.Result, st.Error = "Error", "disagreement between SchedulePod and detail pass"
			return st
		}
		st.Message = fitErr.Error()
		st.Preemption = r.preempt(pod, state0, fitErr)
		return st
	}
	if fitErr != nil {
		st.Result, st.Error = "Error", "disagreement: "+fitErr.Error()
		return st
	}
	chosen := ""
	if len(feasible) == 1 {
		chosen = st.Feasible[0]
	} else {
		if ps := r.fw.RunPreScorePlugins(r.ctx, state, pod, feasible); !ps.IsSuccess() {
			st.Result, st.Error = "Error", ps.AsError().Error()
			return st
		}
		sc, ss := r.fw.RunScorePlugins(r.ctx, state, pod, feasible)
		if !ss.IsSuccess() {
			st.Result, st.Error = "Error", ss.AsError().Error()
			return st
		}
		st.Scores = map[string]map[string]int64{}
		st.Totals = map[string]int64{}
		max := int64(-1 << 62)
		for _, x := range sc {
			m := map[string]int64{}
			for _, p := range x.Scores {
				m[p.Name] = p.Score
			}
			st.Scores[x.Name] = m
			st.Totals[x.Name] = x.TotalScore
			if x.TotalScore > max {
				max = x.TotalScore
				st.Best = nil
			}
			if x.TotalScore == max {
				st.Best = append(st.Best, x.Name)
			}
		}
		st.Best = r.sorted(st.Best)
		chosen = st.Best[0]
		if pod.Status.NominatedNodeName != "" {
			for _, f := range st.Feasible {
				if f == pod.Status.NominatedNodeName {
					chosen = f
				}
			}
		}
	}
	if rs := r.fw.RunReservePluginsReserve(r.ctx, state, pod, chosen); !rs.IsSuccess() {
		st.Result, st.Error = "Error", "reserve: "+rs.Message()
		return st
	}
	a := pod.DeepCopy()
	a.Spec.NodeName = chosen
	r.step++
	a.Status.StartTime = &metav1.Time{Time: r.base.Add(time.Duration(r.step) * time.Second)}
	if err := r.sched.Cache.AssumePod(klog.FromContext(r.ctx), a); err != nil {
		st.Result, st.Error = "Error", "assume: "+err.Error()
		return st
	}
	r.sched.SchedulingQueue.DeleteNominatedPodIfExists(pod)
	r.pods[key(a)] = a
	st.Result, st.Node = "Scheduled", chosen
	return st
}
