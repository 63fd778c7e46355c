//go:build k8s134 || k8s135

package main

import (
	v1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/events"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler"
	"k8s.io/kubernetes/pkg/scheduler/profile"
)

func newInformers(c kubernetes.Interface) informers.SharedInformerFactory {
	return scheduler.NewInformerFactory(c, 0)
}

func newRecorder() profile.RecorderFactory {
	return func(name string) events.EventRecorder { return &events.FakeRecorder{} }
}

func (r *run) schedulePod(state fwk.CycleState, pod *v1.Pod) (scheduler.ScheduleResult, error) {
	return r.sched.SchedulePod(r.ctx, r.fw, state, pod)
}

// foundText: whether the event names the node and the number of victims when preemption helps.
const foundText = false
