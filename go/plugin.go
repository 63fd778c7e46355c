package bayplan

// #include <bayplan.h>
// #include <stdint.h>
// #include <stdlib.h>
//
// extern bool bayplanGoFilter(uintptr_t handle, bayplan_question_t *question, uint32_t *codes, size_t nodes);
// extern bool bayplanGoScore(uintptr_t handle, bayplan_question_t *question, int64_t *scores, size_t nodes);
// extern size_t bayplanGoReason(uintptr_t handle, uint32_t code, char *text, size_t capacity);
//
// // A handle of Go is a number, which C keeps as a pointer that nobody follows, and which Go may not see as one.
// static bool bayplan_go_filter(void *context, bayplan_question_t *question, uint32_t *codes, size_t nodes) {
//     return bayplanGoFilter((uintptr_t)context, question, codes, nodes);
// }
// static bool bayplan_go_score(void *context, bayplan_question_t *question, int64_t *scores, size_t nodes) {
//     return bayplanGoScore((uintptr_t)context, question, scores, nodes);
// }
// static size_t bayplan_go_reason(void *context, uint32_t code, char *text, size_t capacity) {
//     return bayplanGoReason((uintptr_t)context, code, text, capacity);
// }
// static void bayplan_go_set_plugin(bayplan_plugin_t *plugin, bool filters, bool scores, uintptr_t handle) {
//     plugin->struct_size = sizeof *plugin;
//     plugin->filter = filters ? bayplan_go_filter : NULL;
//     plugin->score = scores ? bayplan_go_score : NULL;
//     plugin->reason = bayplan_go_reason;
//     plugin->context = (void *)handle;
// }
// static void bayplan_go_fail(bayplan_question_t *question, _GoString_ words) {
//     bayplan_question_fail(question, _GoStringPtr(words), _GoStringLen(words));
// }
import "C"

import (
	"fmt"
	"runtime/cgo"
	"sync/atomic"
	"unsafe"
)

// Unresolvable is the bit of a filter's code that says that evicting pods from the node cannot help.
const Unresolvable = uint32(C.BAYPLAN_UNRESOLVABLE)

// Normalize is what becomes of a plugin's scores before its weight multiplies them.
type Normalize uint32

// How a plugin's scores are brought to 0 to 100.
const (
	// NormalizeNone takes them as they are: from 0 to 100.
	NormalizeNone = Normalize(C.BAYPLAN_NORMALIZE_NONE)
	// NormalizeHighest makes the highest of the feasible nodes 100; 0 stays 0.
	NormalizeHighest = Normalize(C.BAYPLAN_NORMALIZE_HIGHEST)
	// NormalizeReverse makes the highest 0, and 0 becomes 100.
	NormalizeReverse = Normalize(C.BAYPLAN_NORMALIZE_REVERSE)
)

// Plugin is a filter and a score of the caller's own, which kube-scheduler would run as an out-of-tree plugin. Its functions are asked for all
// nodes at once, of the cluster as it is, once in an attempt unless the pod has claims or extenders look at it: where preemption takes pods off a node, the answer for the node stands. They may be called from several
// goroutines, when forks are asked at the same time, and must not use a cluster. A panic in one ends the attempt as an error.
//
// A plugin that the configuration names runs in the profiles that enable it, at the points and with the weight that they say; any other in every profile.
// They come after kube-scheduler's own.
type Plugin struct {
	// Name is what the configuration and answers call it; not the name of one of kube-scheduler's plugins.
	Name string
	// Filter, unless nil, writes a code for each of the question's nodes to codes, which come as zeros: 0 lets the node pass, another number rejects it.
	// After an error the attempt ends as an error, in kube-scheduler's words.
	Filter func(question *Question, codes []uint32) error
	// Reason gives the words for a code of Filter, as messages have them behind the number of nodes.
	Reason func(code uint32) string
	// Score, unless nil, writes a score of 0 or more for each of the question's nodes to scores, which come as zeros.
	Score func(question *Question, scores []int64) error
	// Weight of the score; 0 is 1.
	Weight int64
	// Normalize brings the scores to 0 to 100.
	Normalize Normalize
}

// Question is what a plugin is asked: about one pod, and all nodes. It must not be kept.
type Question struct{ c *C.bayplan_question_t }

// Pod is the name of the pod, "namespace/name".
func (q *Question) Pod() string {
	var length C.size_t
	text := C.bayplan_question_pod(q.c, &length)
	return C.GoStringN(text, C.int(length))
}

// PodJSON is the pod, with the fields that decisions look at.
func (q *Question) PodJSON() []byte {
	var length C.size_t
	text := C.bayplan_question_pod_json(q.c, &length)
	return C.GoBytes(unsafe.Pointer(text), C.int(length))
}

// Rows are the rows of the nodes, in the order of the answers, see [Cluster.NodeOfRow]. They live as long as the question.
func (q *Question) Rows() []uint32 {
	var count C.size_t
	rows := C.bayplan_question_nodes(q.c, &count)
	return unsafe.Slice((*uint32)(unsafe.Pointer(rows)), int(count))
}

// Node is the name of the node at a place of the answers; "" beyond the last. Costs a call of C.
func (q *Question) Node(at int) string {
	var length C.size_t
	text := C.bayplan_question_node_name(q.c, C.size_t(at), &length)
	if text == nil {
		return ""
	}
	return C.GoStringN(text, C.int(length))
}

// plugins are the handles that C has; they live as long as a cluster that was made with them, or a fork of it.
type plugins struct {
	clusters atomic.Int64
	handles  []cgo.Handle
}

// keep holds them for another cluster; nil where there are none, or the last cluster that had them is closed.
func (p *plugins) keep() *plugins {
	if p == nil {
		return nil
	}
	for {
		count := p.clusters.Load()
		if count == 0 {
			return nil
		}
		if p.clusters.CompareAndSwap(count, count+1) {
			return p
		}
	}
}

func (p *plugins) drop() {
	if p != nil && p.clusters.Add(-1) == 0 {
		for _, handle := range p.handles {
			handle.Delete()
		}
	}
}

// givenPlugins are the plugins as C takes them, in memory of C; free it after the call.
func givenPlugins(list []Plugin) (*C.bayplan_plugin_t, *plugins, func()) {
	kept := &plugins{}
	kept.clusters.Store(1)
	if len(list) == 0 {
		return nil, kept, func() {}
	}
	memory := C.calloc(C.size_t(len(list)), C.size_t(unsafe.Sizeof(C.bayplan_plugin_t{})))
	structs := unsafe.Slice((*C.bayplan_plugin_t)(memory), len(list))
	for at, plugin := range list {
		own := plugin
		handle := cgo.NewHandle(&own)
		kept.handles = append(kept.handles, handle)
		C.bayplan_go_set_plugin(&structs[at], C.bool(plugin.Filter != nil), C.bool(plugin.Score != nil), C.uintptr_t(handle))
		structs[at].name = C.CString(plugin.Name)
		structs[at].weight = C.int64_t(plugin.Weight)
		if plugin.Weight == 0 {
			structs[at].weight = 1
		}
		structs[at].normalize = C.uint32_t(plugin.Normalize)
	}
	return &structs[0], kept, func() {
		for at := range structs {
			C.free(unsafe.Pointer(structs[at].name))
		}
		C.free(memory)
	}
}

// ask runs a function of a plugin; no panic crosses the border.
func ask(question *C.bayplan_question_t, call func(*Question) error) (told C.bool) {
	defer func() {
		if panicked := recover(); panicked != nil {
			C.bayplan_go_fail(question, fmt.Sprint("panic: ", panicked))
			told = false
		}
	}()
	if err := call(&Question{question}); err != nil {
		C.bayplan_go_fail(question, err.Error())
		return false
	}
	return true
}

//export bayplanGoFilter
func bayplanGoFilter(handle C.uintptr_t, question *C.bayplan_question_t, codes *C.uint32_t, nodes C.size_t) C.bool {
	plugin := cgo.Handle(handle).Value().(*Plugin)
	return ask(question, func(q *Question) error {
		return plugin.Filter(q, unsafe.Slice((*uint32)(unsafe.Pointer(codes)), int(nodes)))
	})
}

//export bayplanGoScore
func bayplanGoScore(handle C.uintptr_t, question *C.bayplan_question_t, scores *C.int64_t, nodes C.size_t) C.bool {
	plugin := cgo.Handle(handle).Value().(*Plugin)
	return ask(question, func(q *Question) error {
		return plugin.Score(q, unsafe.Slice((*int64)(unsafe.Pointer(scores)), int(nodes)))
	})
}

//export bayplanGoReason
func bayplanGoReason(handle C.uintptr_t, code C.uint32_t, text *C.char, capacity C.size_t) (length C.size_t) {
	plugin := cgo.Handle(handle).Value().(*Plugin)
	room := unsafe.Slice((*byte)(unsafe.Pointer(text)), int(capacity))
	words := fmt.Sprintf("node(s) were rejected with code %d", uint32(code))
	func() {
		defer func() { _ = recover() }()
		if plugin.Reason != nil {
			words = plugin.Reason(uint32(code))
		}
	}()
	return C.size_t(copy(room, words))
}
