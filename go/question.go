package bayplan

// #include <bayplan.h>
// #include <stdint.h>
//
// extern bool bayplanGoOn(uintptr_t handle, size_t done, size_t all);
//
// // A handle of Go is a number, which C keeps as a pointer that nobody follows, and which Go may not see as one.
// static bool bayplan_go_on(void *context, size_t done, size_t all) { return bayplanGoOn((uintptr_t)context, done, all); }
//
// static bayplan_status_t bayplan_go_set_progress(bayplan_cluster_t *cluster, uintptr_t handle) {
//     return bayplan_cluster_set_progress(cluster, handle ? bayplan_go_on : NULL, (void *)handle, NULL);
// }
import "C"

import (
	"context"
	"encoding/json"
	"runtime/cgo"
)

// long runs a call that can take long, alone, until the context is done.
func (c *Cluster) long(ctx context.Context, call func(*C.bayplan_cluster_t, **C.bayplan_error_t) C.bayplan_status_t) error {
	if err := ctx.Err(); err != nil {
		return &Error{Status: Stopped, Message: "stopped before it began", Problem: "stopped before it began", cause: err}
	}
	return because(ctx, c.change(func(c *C.bayplan_cluster_t, e **C.bayplan_error_t) C.bayplan_status_t {
		if ctx.Done() == nil {
			return call(c, e)
		}
		handle := cgo.NewHandle(ctx)
		defer handle.Delete()
		C.bayplan_go_set_progress(c, C.uintptr_t(handle))
		defer C.bayplan_go_set_progress(c, 0)
		return call(c, e)
	}))
}

// Placement is where workloads would land.
type Placement struct {
	Decisions []Decision
	// Evictions are the pods that were evicted to make room for others.
	Evictions []Eviction
	// Warnings say what is to be known of the input.
	Warnings []string
	// After is the cluster with the pods on it. Close it.
	After *Cluster
}

// PlaceOptions say how workloads are placed.
type PlaceOptions struct {
	// IncludePending places the pods that wait in the cluster too, before others of their priority.
	IncludePending bool
	// NoPreemption lets no pod preempt others.
	NoPreemption bool
}

// Place says where workloads would land: manifests of pods and of what makes pods. The cluster stays as it is.
func (c *Cluster) Place(ctx context.Context, manifests any, options PlaceOptions) (*Placement, error) {
	data, err := encode(manifests)
	if err != nil {
		return nil, err
	}
	var flags C.uint32_t
	if options.IncludePending {
		flags |= C.BAYPLAN_PLACE_INCLUDE_PENDING
	}
	if options.NoPreemption {
		flags |= C.BAYPLAN_PLACE_NO_PREEMPTION
	}
	text, length := bytesOf(data)
	kept := c.plugins.keep()
	var after *C.bayplan_cluster_t
	var handle *C.bayplan_decisions_t
	err = c.long(ctx, func(c *C.bayplan_cluster_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_place(c, text, length, nil, flags, &after, &handle, e)
	})
	if err != nil {
		kept.drop()
		return nil, err
	}
	defer C.bayplan_decisions_free(handle)
	// The fork was told the context of this call, which is over.
	C.bayplan_go_set_progress(after, 0)
	placement := &Placement{Decisions: readDecisions(handle), After: own(after, kept)}
	for at := range C.bayplan_decisions_eviction_count(handle) {
		var row C.bayplan_eviction_t
		row.struct_size = C.uint32_t(C.sizeof_bayplan_eviction_t)
		C.bayplan_decisions_eviction(handle, at, &row, nil)
		placement.Evictions = append(placement.Evictions, Eviction{
			Pod: goString(row.pod), Node: goString(row.node), Priority: int32(row.priority),
			By: goString(row.by), ReplacedBy: goString(row.replaced_by),
		})
	}
	var warnings *C.bayplan_strings_t
	if C.bayplan_decisions_warnings(handle, &warnings, nil) == C.BAYPLAN_OK {
		placement.Warnings = stringsOf(warnings)
	}
	return placement, nil
}

// FitResult is how many more replicas fit.
type FitResult struct {
	Replicas int
	// Document is the whole answer (kind Fit): how many on which node, and what stops the next one.
	Document json.RawMessage
}

// Fit says how many more replicas of a template fit, limit at most: a pod, or a workload that makes equal pods. The cluster stays as it is.
func (c *Cluster) Fit(ctx context.Context, template any, limit int, preemption bool) (FitResult, error) {
	data, err := encode(template)
	if err != nil {
		return FitResult{}, err
	}
	var flags C.uint32_t
	if preemption {
		flags = C.BAYPLAN_FIT_PREEMPTION
	}
	text, length := bytesOf(data)
	var replicas C.size_t
	var document *C.bayplan_strings_t
	err = c.long(ctx, func(c *C.bayplan_cluster_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_fit(c, text, length, C.size_t(max(limit, 0)), flags, &replicas, &document, e)
	})
	if err != nil {
		return FitResult{}, err
	}
	return FitResult{int(replicas), json.RawMessage(stringsOf(document)[0])}, nil
}

// Why decides for a pod and says everything about it (kind Explanation): every node's verdict, and every rule's score.
func (c *Cluster) Why(pod string) (json.RawMessage, error) {
	var document *C.bayplan_strings_t
	err := c.two(pod, "", func(c *C.bayplan_cluster_t, pod, _ *C.char, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_why(c, pod, &document, e)
	})
	if err != nil {
		return nil, err
	}
	return json.RawMessage(stringsOf(document)[0]), nil
}

// PreemptDryRun says what preemption would do for a pending pod: every candidate with its victims.
func (c *Cluster) PreemptDryRun(pod string) (json.RawMessage, error) {
	var document *C.bayplan_strings_t
	err := c.two(pod, "", func(c *C.bayplan_cluster_t, pod, _ *C.char, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_preempt_dry_run(c, pod, &document, e)
	})
	if err != nil {
		return nil, err
	}
	return json.RawMessage(stringsOf(document)[0]), nil
}

// Answer answers a planner's question.
type Answer struct {
	// Document is the versioned answer (apiVersion bayplan/v1).
	Document json.RawMessage
	// After is the cluster after, or nil where the question has none. Close it.
	After *Cluster
}

// WhatIf answers a planner's question on a fork: "simulate", "drain", "fail", "shrink", "size", "upgrade", "gpus", "preempt" or "nodes", which are the commands
// of the same names. Options marshal to an object with the names of the commands' options in camelCase, such as
//
//	map[string]any{"by": "zone", "changes": []any{map[string]any{"cordon": "node-07"}}}
func (c *Cluster) WhatIf(ctx context.Context, question string, options any) (*Answer, error) {
	data, err := encode(options)
	if err != nil {
		return nil, err
	}
	name, err := zeroEnded(question)
	if err != nil {
		return nil, err
	}
	text, length := bytesOf(data)
	kept := c.plugins.keep()
	var after *C.bayplan_cluster_t
	var document *C.bayplan_strings_t
	err = c.long(ctx, func(c *C.bayplan_cluster_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_ask(c, name, text, length, &after, &document, e)
	})
	if err != nil {
		kept.drop()
		return nil, err
	}
	answer := &Answer{Document: json.RawMessage(stringsOf(document)[0])}
	if after == nil {
		kept.drop()
	} else {
		C.bayplan_go_set_progress(after, 0)
		answer.After = own(after, kept)
	}
	return answer, nil
}
