package bayplan

// #include <bayplan.h>
// #include <bayplan_core.h>
//
// // These neither keep their pointers nor call back: what is passed stays on the stack.
// #cgo noescape bayplan_core_request
// #cgo nocallback bayplan_core_request
// #cgo noescape bayplan_core_decide
// #cgo nocallback bayplan_core_decide
// #cgo noescape bayplan_core_bind
// #cgo nocallback bayplan_core_bind
// #cgo noescape bayplan_core_unbind
// #cgo nocallback bayplan_core_unbind
// #cgo noescape bayplan_core_fork
// #cgo nocallback bayplan_core_fork
import "C"

import (
	"fmt"
	"unsafe"
)

// Block is a copy of a cluster's tables in Go memory, for search loops: what is bound in it concerns nobody else, a copy of it is a fork, and a decision
// allocates nothing. One goroutine is in it at a time. Pods and nodes are rows, see [Cluster.PodRows] and [Cluster.NodeOfRow].
type Block struct{ words []uint64 }

// PodRows are a pending pod as a block knows it.
type PodRows struct{ rows C.bayplan_pod_rows_t }

// Choice is what was decided in a block.
type Choice struct {
	// Node is the row of the node, or NoRow.
	Node uint32
	// Ties is how many nodes have its score, Feasible how many are feasible.
	Ties, Feasible uint32
	// Score is the node's total.
	Score int64
}

// PodRows gives the rows of a pending pod. New classes are rows of the block: take the block afterwards. Unsupported for a pod of which rows do not say all,
// such as one with claims.
func (c *Cluster) PodRows(pod string) (PodRows, error) {
	var rows PodRows
	err := c.two(pod, "", func(c *C.bayplan_cluster_t, pod, _ *C.char, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_pod_rows(c, pod, &rows.rows, e)
	})
	return rows, err
}

// Block copies the cluster's tables.
func (c *Cluster) Block() (*Block, error) {
	c.mutex.RLock()
	defer c.mutex.RUnlock()
	var data unsafe.Pointer
	var size C.size_t
	var fault *C.bayplan_error_t
	if err := take(C.bayplan_cluster_block(c.c, &data, &size, &fault), fault); err != nil {
		return nil, err
	}
	block := &Block{make([]uint64, (int(size)+7)/8)}
	return block, blockError(C.bayplan_core_fork(data, size, block.memory(), block.size(), nil))
}

func (b *Block) memory() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(b.words)) }
func (b *Block) size() C.size_t         { return C.size_t(len(b.words) * 8) }

func blockError(status C.bayplan_core_status_t) error {
	if status == C.BAYPLAN_CORE_OK {
		return nil
	}
	// These mean the same in both headers; the others are the block's own.
	own := Full
	switch status {
	case C.BAYPLAN_CORE_INVALID_ARGUMENT, C.BAYPLAN_CORE_NOT_FOUND, C.BAYPLAN_CORE_CONFLICT:
		own = Status(status)
	case C.BAYPLAN_CORE_OTHER_LAYOUT, C.BAYPLAN_CORE_CORRUPT:
		own = InvalidInput
	}
	message := fmt.Sprintf("a call on a block failed with status %d", uint32(status))
	return &Error{Status: own, Message: message, Problem: message}
}

// Fork copies the block.
func (b *Block) Fork() (*Block, error) {
	fork := &Block{make([]uint64, len(b.words))}
	return fork, b.CopyTo(fork)
}

// CopyTo makes another block of the same cluster equal to this one, in its memory.
func (b *Block) CopyTo(to *Block) error {
	return blockError(C.bayplan_core_fork(b.memory(), b.size(), to.memory(), to.size(), nil))
}

func (r *PodRows) request() C.bayplan_core_request_t {
	var request C.bayplan_core_request_t
	C.bayplan_core_request(&request, r.rows.spec, r.rows.labels)
	request.pin = r.rows.pin
	request.default_selector = r.rows.default_selector
	request.uses = r.rows.uses
	request.nomination = r.rows.nomination
	return request
}

// Decide says where a pod would go, and places nothing.
func (b *Block) Decide(pod PodRows) (Choice, error) {
	request := pod.request()
	var choice C.bayplan_core_choice_t
	status := C.bayplan_core_decide(b.memory(), b.size(), &request, &choice, nil)
	if status != C.BAYPLAN_CORE_OK {
		return Choice{}, blockError(status)
	}
	return Choice{uint32(choice.node), uint32(choice.ties), uint32(choice.feasible), int64(choice.score)}, nil
}

// Bind binds a pod to a node's row, and gives the row of the pod. start is in seconds since 1970.
func (b *Block) Bind(pod PodRows, node uint32, start int64) (uint32, error) {
	bound := C.bayplan_core_pod_t{spec: pod.rows.spec, labels: pod.rows.labels, uses: pod.rows.uses, start: C.int64_t(start)}
	var row C.uint32_t
	status := C.bayplan_core_bind(b.memory(), b.size(), &bound, C.uint32_t(node), &row, nil)
	return uint32(row), blockError(status)
}

// Unbind takes a pod off its node.
func (b *Block) Unbind(pod uint32) error {
	return blockError(C.bayplan_core_unbind(b.memory(), b.size(), C.uint32_t(pod), nil))
}
