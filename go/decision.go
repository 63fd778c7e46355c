package bayplan

// #include <bayplan.h>
import "C"

import (
	"context"
	"time"
	"unsafe"
)

// Outcome is what was decided for a pod.
type Outcome uint32

// The outcomes.
const (
	// Scheduled: a node was found.
	Scheduled = Outcome(C.BAYPLAN_OUTCOME_SCHEDULED)
	// Unschedulable: no node will do.
	Unschedulable = Outcome(C.BAYPLAN_OUTCOME_UNSCHEDULABLE)
	// Gated: scheduling gates hold the pod back.
	Gated = Outcome(C.BAYPLAN_OUTCOME_GATED)
	// Failed: the scheduler fails on the pod.
	Failed = Outcome(C.BAYPLAN_OUTCOME_ERROR)
	// Ignored: the pod is not for this scheduler to place.
	Ignored = Outcome(C.BAYPLAN_OUTCOME_IGNORED)
)

// String gives the name of the outcome.
func (o Outcome) String() string {
	names := [...]string{"Unknown", "Scheduled", "Unschedulable", "Gated", "Error", "Ignored"}
	if int(o) < len(names) {
		return names[o]
	}
	return names[0]
}

// Decision is what was decided for one pod.
type Decision struct {
	// Pod is "namespace/name".
	Pod     string
	Outcome Outcome
	// Node is where it goes, or "".
	Node string
	// Message is why it is not placed, word for word as kube-scheduler says it.
	Message string
	// Score is the node's total; 0 where it was the only feasible one.
	Score int64
	// Ties is how many nodes have that score, Feasible how many are feasible.
	Ties, Feasible int
	// NotApplied are the rules that concern the pod and were not applied, each with why: the real decision may be another.
	NotApplied []NotApplied
	// Missing are the objects that a rule needed and that are not there.
	Missing []string
	// PreemptsOn is the node from which Victims are to be evicted so that this one fits; Violations of them violate a disruption budget.
	PreemptsOn string
	Victims    []string
	Violations int
	// PreemptionMessage is what the event says of preemption after Message.
	PreemptionMessage string
}

// NotApplied is a rule that concerns a pod and was not applied.
type NotApplied struct{ Rule, Why string }

// Eviction is a pod that was evicted to make room.
type Eviction struct {
	Pod, Node string
	Priority  int32
	// By is the pod that it made room for; ReplacedBy the one that its controller makes in its place, or "".
	By, ReplacedBy string
}

// decisionsOf reads all decisions and frees them.
func decisionsOf(handle *C.bayplan_decisions_t) []Decision {
	defer C.bayplan_decisions_free(handle)
	return readDecisions(handle)
}

func readDecisions(handle *C.bayplan_decisions_t) []Decision {
	count := int(C.bayplan_decisions_count(handle))
	if count == 0 {
		return nil
	}
	rows := make([]C.bayplan_decision_t, count)
	rows[0].struct_size = C.uint32_t(unsafe.Sizeof(rows[0]))
	C.bayplan_decisions_read(handle, 0, C.size_t(count), &rows[0], nil)
	all := make([]Decision, count)
	for at, row := range rows {
		one := Decision{
			Pod:               goString(row.pod),
			Outcome:           Outcome(row.outcome),
			Node:              goString(row.node),
			Message:           goString(row.message),
			Score:             int64(row.score),
			Ties:              int(row.ties),
			Feasible:          int(row.feasible),
			PreemptsOn:        goString(row.preempts_on),
			Violations:        int(row.violations),
			PreemptionMessage: goString(row.preemption_message),
		}
		which := C.size_t(at)
		var text, why C.bayplan_string_t
		for i := range C.size_t(row.not_applied) {
			C.bayplan_decisions_not_applied(handle, which, i, &text, &why, nil)
			one.NotApplied = append(one.NotApplied, NotApplied{goString(text), goString(why)})
		}
		for i := range C.size_t(row.missing) {
			C.bayplan_decisions_missing(handle, which, i, &text, nil)
			one.Missing = append(one.Missing, goString(text))
		}
		for i := range C.size_t(row.victims) {
			C.bayplan_decisions_victim(handle, which, i, &text, nil)
			one.Victims = append(one.Victims, goString(text))
		}
		all[at] = one
	}
	return all
}

// Decide says where one pending pod ("namespace/name") would go, and places nothing. Where no node will do, it says whom the pod would preempt.
func (c *Cluster) Decide(pod string) (Decision, error) {
	var handle *C.bayplan_decisions_t
	err := c.two(pod, "", func(c *C.bayplan_cluster_t, pod, _ *C.char, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_decide(c, pod, &handle, e)
	})
	if err != nil {
		return Decision{}, err
	}
	return decisionsOf(handle)[0], nil
}

// DecidePod decides for a pod that is not in the cluster: a manifest of one Pod. It changes nothing.
func (c *Cluster) DecidePod(pod any) (Decision, error) {
	data, err := encode(pod)
	if err != nil {
		return Decision{}, err
	}
	text, length := bytesOf(data)
	var handle *C.bayplan_decisions_t
	err = c.look(func(c *C.bayplan_cluster_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_decide_manifest(c, text, length, &handle, e)
	})
	if err != nil {
		return Decision{}, err
	}
	return decisionsOf(handle)[0], nil
}

// SchedulePending decides for all pods that wait, in the order of the scheduler's queue, and binds each that found a node. On an error, or where the context is
// done, nothing is bound.
func (c *Cluster) SchedulePending(ctx context.Context, start time.Time) ([]Decision, error) {
	var handle *C.bayplan_decisions_t
	err := c.long(ctx, func(c *C.bayplan_cluster_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_schedule_pending(c, C.int64_t(start.Unix()), &handle, e)
	})
	if err != nil {
		return nil, err
	}
	return decisionsOf(handle), nil
}

// PodID gives the id of a pod ("namespace/name") for [Cluster.DecideIDs]; it stays the same in this cluster and in its later forks.
func (c *Cluster) PodID(pod string) (uint64, error) {
	var id C.uint64_t
	text, length := bytesOf([]byte(pod))
	err := c.change(func(c *C.bayplan_cluster_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_pod_id(c, text, length, &id, e)
	})
	return uint64(id), err
}

// NoRow is no row of a block.
const NoRow = ^uint32(0)

// Result is what was decided for a pod, in numbers.
type Result struct {
	// Pod is its id.
	Pod uint64
	// Score is the node's total.
	Score   int64
	Outcome Outcome
	// Node is the node's row, see [Cluster.NodeOfRow], or NoRow.
	Node uint32
	// Ties is how many nodes have that score, Feasible how many are feasible.
	Ties, Feasible uint32
	// PreemptsOn is the row of the node from which Victims pods are to be evicted, or NoRow.
	PreemptsOn, Victims uint32
	// NotApplied is how many rules concern the pod and were not applied, Missing how many objects a rule needed that are not there.
	NotApplied, Missing uint32
}

// The struct of C is copied as it is.
const _ = -(unsafe.Sizeof(Result{}) - unsafe.Sizeof(C.bayplan_decision_numbers_t{}))

// DecideIDs decides for pods one after the other into results, which is as long: one call of C for all. With bind, each pod that found a node is bound to it;
// on an error nothing is bound.
func (c *Cluster) DecideIDs(pods []uint64, results []Result, bind bool, start time.Time) error {
	if len(pods) != len(results) {
		return &Error{Status: InvalidArgument, Message: "there are not as many results as pods", Problem: "there are not as many results as pods"}
	}
	var flags C.uint32_t
	if bind {
		flags = C.BAYPLAN_DECIDE_BIND
	}
	ids := (*C.uint64_t)(unsafe.Pointer(unsafe.SliceData(pods)))
	to := (*C.bayplan_decision_numbers_t)(unsafe.Pointer(unsafe.SliceData(results)))
	return c.change(func(c *C.bayplan_cluster_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_decide_ids(c, ids, C.size_t(len(pods)), flags, C.int64_t(start.Unix()), to, e)
	})
}

// NodeOfRow gives the name of the node in a row, or of the one that was there.
func (c *Cluster) NodeOfRow(row uint32) (string, error) {
	c.mutex.RLock()
	defer c.mutex.RUnlock()
	var data *C.char
	var length C.size_t
	var fault *C.bayplan_error_t
	if err := take(C.bayplan_cluster_node_of_row(c.c, C.uint32_t(row), &data, &length, &fault), fault); err != nil {
		return "", err
	}
	return string(unsafe.Slice((*byte)(unsafe.Pointer(data)), int(length))), nil
}

// NodeResult is what one node comes to for a pod.
type NodeResult struct {
	// Node is its row.
	Node uint32
	// Feasible says that it will do; Unresolvable that not even preemption helps.
	Feasible, Unresolvable bool
	// Rule is the plugin that rejects it first, by its place in kube-scheduler's default order, Reason which of its reasons; NoRow where none does.
	Rule, Reason uint32
	// Total is its total score, where it is feasible.
	Total int64
}

// Evaluate says what each node comes to for a pending pod, in node order: what an extender of kube-scheduler answers. Conflict for a pod that is not to be placed:
// it is on a node, held back by gates, or of another scheduler; Unsupported where a rule fails for it, or concerns it and is not applied.
func (c *Cluster) Evaluate(pod string) ([]NodeResult, error) {
	counts, err := c.Counts()
	if err != nil {
		return nil, err
	}
	for room := counts.Nodes; ; {
		rows := make([]C.bayplan_node_result_t, room+1)
		var count C.size_t
		err := c.two(pod, "", func(c *C.bayplan_cluster_t, pod, _ *C.char, e **C.bayplan_error_t) C.bayplan_status_t {
			return C.bayplan_cluster_evaluate(c, pod, &rows[0], C.size_t(len(rows)), &count, e)
		})
		if err != nil {
			return nil, err
		}
		if int(count) > len(rows) {
			room = int(count)
			continue
		}
		all := make([]NodeResult, int(count))
		for at, row := range rows[:count] {
			all[at] = NodeResult{
				Node:         uint32(row.node),
				Feasible:     row.flags&C.BAYPLAN_NODE_FEASIBLE != 0,
				Unresolvable: row.flags&C.BAYPLAN_NODE_UNRESOLVABLE != 0,
				Rule:         uint32(row.rule),
				Reason:       uint32(row.reason),
				Total:        int64(row.total),
			}
		}
		return all, nil
	}
}
