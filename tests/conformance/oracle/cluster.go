package main

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"time"
	"unsafe"

	v1 "k8s.io/api/core/v1"
	policy "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/labels"
	apiruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/scheduler"
	schedulerapi "k8s.io/kubernetes/pkg/scheduler/apis/config"
	configscheme "k8s.io/kubernetes/pkg/scheduler/apis/config/scheme"
	internalcache "k8s.io/kubernetes/pkg/scheduler/backend/cache"
	"k8s.io/kubernetes/pkg/scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/defaultpreemption"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/feature"
)

// run is one case's scheduler, with its cache filled.
type run struct {
	sched   *scheduler.Scheduler
	fw      framework.Framework
	nodes   []string
	nodeIdx map[string]int
	pods    map[string]*v1.Pod
	pending []string
	pl      *defaultpreemption.DefaultPreemption
	pdbs    func() []*policy.PodDisruptionBudget
	cancel  func()
	ctx     context.Context
	base    time.Time
	step    int
}

func decodeConfig(raw json.RawMessage) (*schedulerapi.KubeSchedulerConfiguration, error) {
	obj, _, err := configscheme.Codecs.UniversalDecoder().Decode(raw, nil, nil)
	if err != nil {
		return nil, err
	}
	cfg, ok := obj.(*schedulerapi.KubeSchedulerConfiguration)
	if !ok {
		return nil, fmt.Errorf("not a KubeSchedulerConfiguration: %T", obj)
	}
	return cfg, nil
}

// setup starts a scheduler on a fake API server that holds the case's objects, and waits until its cache has them.
func setup(c *Case, parallelism int, pct int32, more ...scheduler.Option) (*run, error) {
	ctx, cancel := context.WithCancel(context.Background())
	r := &run{cancel: cancel, ctx: ctx, nodeIdx: map[string]int{}, pods: map[string]*v1.Pod{}, pending: c.Pending, base: time.Unix(1700000000, 0)}
	dec := clientscheme.Codecs.UniversalDeserializer()
	var objs []apiruntime.Object
	bound := 0
	for _, raw := range c.Objects {
		o, _, err := dec.Decode(raw, nil, nil)
		if err != nil {
			return nil, fmt.Errorf("decode: %w: %s", err, string(raw))
		}
		switch x := o.(type) {
		case *v1.Node:
			r.nodeIdx[x.Name] = len(r.nodes)
			r.nodes = append(r.nodes, x.Name)
		case *v1.Pod:
			r.pods[x.Namespace+"/"+x.Name] = x
			if x.Spec.NodeName != "" {
				bound++
			}
		}
		objs = append(objs, o)
	}
	client := fake.NewClientset(objs...)
	inf := newInformers(client)
	opts := []scheduler.Option{
		scheduler.WithPercentageOfNodesToScore(&pct),
		scheduler.WithParallelism(int32(parallelism)),
	}
	if len(c.Config) > 0 && string(c.Config) != "null" {
		cfg, err := decodeConfig(c.Config)
		if err != nil {
			return nil, err
		}
		opts = append(opts, scheduler.WithProfiles(cfg.Profiles...))
	}
	opts = append(opts, more...)
	rec := newRecorder()
	s, err := scheduler.New(ctx, client, inf, nil, rec, opts...)
	if err != nil {
		return nil, err
	}
	r.sched = s
	inf.Start(ctx.Done())
	inf.WaitForCacheSync(ctx.Done())
	if err := s.WaitForHandlersSync(ctx); err != nil {
		return nil, err
	}
	for i := 0; ; i++ {
		pc, _ := s.Cache.PodCount()
		if s.Cache.NodeCount() == len(r.nodes) && pc == bound {
			break
		}
		if i > 2000 {
			return nil, fmt.Errorf("cache never synced: nodes %d/%d pods %d/%d", s.Cache.NodeCount(), len(r.nodes), pc, bound)
		}
		time.Sleep(5 * time.Millisecond)
	}
	for _, f := range s.Profiles {
		r.fw = f
		break
	}
	if f, ok := s.Profiles["default-scheduler"]; ok {
		r.fw = f
	}
	pl, err := defaultpreemption.New(ctx, &schedulerapi.DefaultPreemptionArgs{MinCandidateNodesPercentage: 100, MinCandidateNodesAbsolute: 100000}, r.fw, feature.Features{})
	if err != nil {
		return nil, err
	}
	r.pl = pl
	lister := inf.Policy().V1().PodDisruptionBudgets().Lister()
	r.pdbs = func() []*policy.PodDisruptionBudget { l, _ := lister.List(labels.Everything()); return l }
	return r, nil
}

// refresh brings the scheduler's private snapshot up to date, as the start of a real scheduling cycle does.
func (r *run) refresh() error {
	f := reflect.ValueOf(r.sched).Elem().FieldByName("nodeInfoSnapshot")
	snap := *(**internalcache.Snapshot)(unsafe.Pointer(f.UnsafeAddr()))
	return r.sched.Cache.UpdateSnapshot(klog.FromContext(r.ctx), snap)
}

func key(p *v1.Pod) string { return p.Namespace + "/" + p.Name }

func (r *run) sorted(ns []string) []string {
	sort.Slice(ns, func(i, j int) bool { return r.nodeIdx[ns[i]] < r.nodeIdx[ns[j]] })
	return ns
}
