package bayplan

// #include <bayplan.h>
import "C"

import "unsafe"

// Changes says what became of objects that a watch brought.
type Changes struct {
	// Added objects were not known, Updated ones were and changed, Confirmed are pods that this cluster had bound and that are on that node.
	Added, Updated, Confirmed int
	// Unchanged events are no newer than what is known, or of the time before this cluster bound the pod.
	Unchanged int
	// Removed objects are gone.
	Removed int
	// Moved are the pods ("namespace/name") that are on another node than was known: somebody else bound them, and that stands.
	Moved []string
}

func (c *Cluster) changes(call func(*C.bayplan_cluster_t, *C.bayplan_changes_t, **C.bayplan_strings_t, **C.bayplan_error_t) C.bayplan_status_t) (Changes, error) {
	var n C.bayplan_changes_t
	n.struct_size = C.uint32_t(unsafe.Sizeof(n))
	var moved *C.bayplan_strings_t
	err := c.change(func(c *C.bayplan_cluster_t, e **C.bayplan_error_t) C.bayplan_status_t { return call(c, &n, &moved, e) })
	if err != nil {
		return Changes{}, err
	}
	all := Changes{int(n.added), int(n.updated), int(n.confirmed), int(n.unchanged), int(n.removed), nil}
	if moved != nil {
		all.Moved = stringsOf(moved)
	}
	return all, nil
}

// Observe takes in what a watch brings as ADDED or MODIFIED. By their resourceVersion, events that are late or come twice change nothing. A pod that
// [Cluster.Bind] has bound stays on its node while older events say that it waits.
func (c *Cluster) Observe(objects ...any) (Changes, error) {
	data, err := list(objects)
	if err != nil {
		return Changes{}, err
	}
	text, length := bytesOf(data)
	return c.changes(func(c *C.bayplan_cluster_t, n *C.bayplan_changes_t, m **C.bayplan_strings_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_observe(c, text, length, n, m, e)
	})
}

// ObserveDeleted takes away what a watch brings as DELETED. An object of the same name that came later, with another uid, stays.
func (c *Cluster) ObserveDeleted(objects ...any) (Changes, error) {
	data, err := list(objects)
	if err != nil {
		return Changes{}, err
	}
	text, length := bytesOf(data)
	return c.changes(func(c *C.bayplan_cluster_t, n *C.bayplan_changes_t, _ **C.bayplan_strings_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_observe_deleted(c, text, length, n, e)
	})
}

// Replace takes in a list of all objects of a kind, as a watch begins and after it broke off: those that are not in it are gone.
func (c *Cluster) Replace(apiVersion, kind string, objects ...any) (Changes, error) {
	texts, err := allZeroEnded(apiVersion, kind)
	if err != nil {
		return Changes{}, err
	}
	var data []byte
	if len(objects) == 0 {
		data = []byte(`{"apiVersion": "v1", "kind": "List", "items": []}`)
	} else if data, err = list(objects); err != nil {
		return Changes{}, err
	}
	text, length := bytesOf(data)
	return c.changes(func(c *C.bayplan_cluster_t, n *C.bayplan_changes_t, m **C.bayplan_strings_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_replace(c, texts[0], texts[1], text, length, n, m, e)
	})
}
