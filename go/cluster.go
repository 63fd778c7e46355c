package bayplan

// #include <bayplan.h>
// #include <stdint.h>
//
// extern bool bayplanGoPost(uintptr_t handle, char *url, char *body, size_t length, bayplan_reply_t *reply);
//
// static bool bayplan_go_post(void *context, const char *url, const char *body, size_t length, bayplan_reply_t *reply) {
//     return bayplanGoPost((uintptr_t)context, (char *)url, (char *)body, length, reply);
// }
// static void bayplan_go_set_extenders(bayplan_cluster_t *cluster, uintptr_t handle) {
//     (void)bayplan_cluster_set_extenders(cluster, bayplan_go_post, (void *)handle, NULL);
// }
import "C"

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"
	"unsafe"
)

// Cluster is a cluster that can be asked where pods would land. Its methods may be called from several goroutines; calls that change it, and decisions, run
// one at a time. Close it when it is no longer needed.
type Cluster struct {
	mutex sync.RWMutex
	c     *C.bayplan_cluster_t
	// What C calls back, shared with the forks.
	plugins *plugins
}

// Options say how a cluster decides. The zero value stands for the newest version and kube-scheduler's defaults.
type Options struct {
	// Version is the Kubernetes minor version, as "1.37".
	Version string
	// Configuration is a KubeSchedulerConfiguration: JSON, YAML, or a value that marshals to it.
	Configuration any
	// Seed, unless nil, draws among nodes of the same score; without, the first in node order is taken.
	Seed *uint64
	// NoPreemption lets no pod preempt others.
	NoPreemption bool
	// Replace makes a manifest take the place of the live object of its name, as kubectl replace does; else it is merged, as kubectl apply does.
	Replace bool
	// IgnoreUnknownFields takes objects without the fields that no API server knows.
	IgnoreUnknownFields bool
	// Live takes all objects as an API server returns them, with a uid or without.
	Live bool
	// MaxPods is how many pods the workloads of one call may make; 0 for a million.
	MaxPods uint64
	// Plugins are filters and scores of the caller's own.
	Plugins []Plugin
	// Extenders, unless nil, carries the requests of the configuration's extenders, see [HTTPExtenders]. Without, decisions say where one concerns a pod.
	Extenders PostFunc
}

// New makes an empty cluster.
func New(options Options) (*Cluster, error) {
	configuration, err := encode(options.Configuration)
	if err != nil {
		return nil, err
	}
	given := C.bayplan_options_t{max_pods: C.uint64_t(options.MaxPods)}
	given.struct_size = C.uint32_t(unsafe.Sizeof(given))
	structs, kept, free := givenPlugins(options.Plugins)
	post := kept.post(options.Extenders)
	defer free()
	given.plugins, given.plugin_count = structs, C.size_t(len(options.Plugins))
	flag := func(on bool, flag C.uint32_t) {
		if on {
			given.flags |= flag
		}
	}
	flag(options.NoPreemption, C.BAYPLAN_OPTION_NO_PREEMPTION)
	flag(options.Replace, C.BAYPLAN_OPTION_OVERLAY_REPLACE)
	flag(options.IgnoreUnknownFields, C.BAYPLAN_OPTION_VALIDATE_IGNORE)
	flag(options.Live, C.BAYPLAN_OPTION_OBJECTS_LIVE)
	if options.Seed != nil {
		given.flags |= C.BAYPLAN_OPTION_SEED
		given.seed = C.uint64_t(*options.Seed)
	}
	// The struct points to Go memory: it is pinned for the call.
	var pinner runtime.Pinner
	defer pinner.Unpin()
	if options.Version != "" {
		if given.version, err = zeroEnded(options.Version); err != nil {
			kept.drop()
			return nil, err
		}
		pinner.Pin(given.version)
	}
	if len(configuration) > 0 {
		given.configuration, given.configuration_length = bytesOf(configuration)
		pinner.Pin(given.configuration)
	}
	var c *C.bayplan_cluster_t
	var fault *C.bayplan_error_t
	if err := take(C.bayplan_cluster_new(&given, &c, &fault), fault); err != nil {
		kept.drop()
		return nil, err
	}
	if post != 0 {
		C.bayplan_go_set_extenders(c, C.uintptr_t(post))
	}
	return own(c, kept), nil
}

// own takes over a cluster of C, with the plugins that were kept for it.
func own(c *C.bayplan_cluster_t, kept *plugins) *Cluster { return &Cluster{c: c, plugins: kept} }

// Close frees the cluster; closing it twice does nothing.
func (c *Cluster) Close() error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.c == nil {
		return nil
	}
	C.bayplan_cluster_free(c.c)
	c.c = nil
	c.plugins.drop()
	return nil
}

// change runs a call that changes the cluster.
func (c *Cluster) change(call func(*C.bayplan_cluster_t, **C.bayplan_error_t) C.bayplan_status_t) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	var fault *C.bayplan_error_t
	return take(call(c.c, &fault), fault)
}

// look runs a call that only looks.
func (c *Cluster) look(call func(*C.bayplan_cluster_t, **C.bayplan_error_t) C.bayplan_status_t) error {
	c.mutex.RLock()
	defer c.mutex.RUnlock()
	var fault *C.bayplan_error_t
	return take(call(c.c, &fault), fault)
}

// Fork makes an independent copy, which shares what is the same: what happens to one no longer concerns the other.
func (c *Cluster) Fork() (*Cluster, error) {
	kept := c.plugins.keep()
	var fork *C.bayplan_cluster_t
	err := c.look(func(c *C.bayplan_cluster_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_fork(c, &fork, e)
	})
	if err != nil {
		kept.drop()
		return nil, err
	}
	return own(fork, kept), nil
}

// encode makes text of an object: bytes, text and readers are taken as they are, JSON or YAML; all else is marshalled.
func encode(object any) ([]byte, error) {
	switch object := object.(type) {
	case nil:
		return nil, nil
	case []byte:
		return object, nil
	case json.RawMessage:
		return object, nil
	case string:
		return []byte(object), nil
	case io.Reader:
		return io.ReadAll(object)
	}
	data, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("bayplan: %w", err)
	}
	return data, nil
}

// list makes one text of several objects.
func list(objects []any) ([]byte, error) {
	if len(objects) == 1 {
		return encode(objects[0])
	}
	items := make([]json.RawMessage, 0, len(objects))
	for _, object := range objects {
		data, err := encode(object)
		if err != nil {
			return nil, err
		}
		if !json.Valid(data) {
			return nil, &Error{Status: InvalidInput, Message: "several objects in one call must be JSON: give YAML by itself", Problem: "not JSON"}
		}
		items = append(items, data)
	}
	return json.Marshal(struct {
		APIVersion string            `json:"apiVersion"`
		Kind       string            `json:"kind"`
		Items      []json.RawMessage `json:"items"`
	}{"v1", "List", items})
}

// Load takes in objects: dumps as kubectl prints them, manifests, values that marshal to Kubernetes JSON. One with a metadata.uid is taken as an API server
// returned it; one without is a manifest, is filled in, and updates an earlier one of its name as kubectl apply does. On an error nothing is taken in.
func (c *Cluster) Load(objects ...any) error {
	data, err := list(objects)
	if err != nil {
		return err
	}
	text, length := bytesOf(data)
	return c.change(func(c *C.bayplan_cluster_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_load(c, text, length, nil, e)
	})
}

// Apply is Load by the name that kubectl has for it.
func (c *Cluster) Apply(objects ...any) error { return c.Load(objects...) }

// Delete takes an object away; found says whether it was there.
func (c *Cluster) Delete(apiVersion, kind, namespace, name string) (found bool, err error) {
	texts, err := allZeroEnded(apiVersion, kind, namespace, name)
	if err != nil {
		return false, err
	}
	var was C.bool
	err = c.change(func(c *C.bayplan_cluster_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_delete(c, texts[0], texts[1], texts[2], texts[3], &was, e)
	})
	return bool(was), err
}

func allZeroEnded(texts ...string) ([]*C.char, error) {
	all := make([]*C.char, len(texts))
	for at, text := range texts {
		var err error
		if all[at], err = zeroEnded(text); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// two runs a call that changes the cluster and has two names.
func (c *Cluster) two(one, other string, call func(c *C.bayplan_cluster_t, one, other *C.char, e **C.bayplan_error_t) C.bayplan_status_t) error {
	texts, err := allZeroEnded(one, other)
	if err != nil {
		return err
	}
	return c.change(func(c *C.bayplan_cluster_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return call(c, texts[0], texts[1], e)
	})
}

// Bind binds a pending pod ("namespace/name") to a node, whether or not the rules allow it. The cluster assumes it there until a watch confirms it, see
// [Cluster.Observe], or [Cluster.Forget] undoes it.
func (c *Cluster) Bind(pod, node string, start time.Time) error {
	return c.two(pod, node, func(c *C.bayplan_cluster_t, pod, node *C.char, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_bind(c, pod, node, C.int64_t(start.Unix()), e)
	})
}

// Unbind takes a pod off its node: it waits for a node again.
func (c *Cluster) Unbind(pod string) error {
	return c.two(pod, "", func(c *C.bayplan_cluster_t, pod, _ *C.char, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_unbind(c, pod, e)
	})
}

// Forget undoes the Bind of a pod that failed in the real cluster, its claims and volumes included. Conflict where no Bind of this cluster is unconfirmed.
func (c *Cluster) Forget(pod string) error {
	return c.two(pod, "", func(c *C.bayplan_cluster_t, pod, _ *C.char, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_forget(c, pod, e)
	})
}

// Evict takes a pod away at once.
func (c *Cluster) Evict(pod string) error {
	return c.two(pod, "", func(c *C.bayplan_cluster_t, pod, _ *C.char, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_evict(c, pod, e)
	})
}

// Nominate nominates a pending pod to a node, as preemption does.
func (c *Cluster) Nominate(pod, node string) error {
	return c.two(pod, node, func(c *C.bayplan_cluster_t, pod, node *C.char, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_nominate(c, pod, node, e)
	})
}

// strings reads a list of texts and frees it.
func stringsOf(list *C.bayplan_strings_t) []string {
	defer C.bayplan_strings_free(list)
	all := make([]string, int(C.bayplan_strings_count(list)))
	for at := range all {
		var text C.bayplan_string_t
		C.bayplan_strings_get(list, C.size_t(at), &text, nil)
		all[at] = goString(text)
	}
	return all
}

func (c *Cluster) names(call func(*C.bayplan_cluster_t, **C.bayplan_strings_t, **C.bayplan_error_t) C.bayplan_status_t) ([]string, error) {
	var names *C.bayplan_strings_t
	err := c.look(func(c *C.bayplan_cluster_t, e **C.bayplan_error_t) C.bayplan_status_t { return call(c, &names, e) })
	if err != nil {
		return nil, err
	}
	return stringsOf(names), nil
}

// Nodes gives the names of the nodes, in node order.
func (c *Cluster) Nodes() ([]string, error) {
	return c.names(func(c *C.bayplan_cluster_t, s **C.bayplan_strings_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_nodes(c, s, e)
	})
}

// Pending gives the pods that wait for a node ("namespace/name"), in the order of the scheduler's queue.
func (c *Cluster) Pending() ([]string, error) {
	return c.names(func(c *C.bayplan_cluster_t, s **C.bayplan_strings_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_pending(c, s, e)
	})
}

// Warnings says what is to be known of the input: configuration that is not honoured, pods on nodes that are not there, kinds that were not read.
func (c *Cluster) Warnings() ([]string, error) {
	return c.names(func(c *C.bayplan_cluster_t, s **C.bayplan_strings_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_warnings(c, s, e)
	})
}

// PodsOn gives the pods that are bound to a node ("namespace/name"), by name.
func (c *Cluster) PodsOn(node string) ([]string, error) {
	name, err := zeroEnded(node)
	if err != nil {
		return nil, err
	}
	return c.names(func(c *C.bayplan_cluster_t, s **C.bayplan_strings_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_pods_on(c, name, s, e)
	})
}

// NodeOf gives the node that a pod is on; "" where it waits.
func (c *Cluster) NodeOf(pod string) (string, error) {
	var node *C.char
	var length C.size_t
	c.mutex.RLock()
	defer c.mutex.RUnlock()
	var fault *C.bayplan_error_t
	text, size := bytesOf([]byte(pod))
	if err := take(C.bayplan_cluster_pod_node(c.c, text, size, &node, &length, &fault), fault); err != nil {
		return "", err
	}
	if length == 0 {
		return "", nil
	}
	return string(unsafe.Slice((*byte)(unsafe.Pointer(node)), int(length))), nil
}

// Counts says how much a cluster has.
type Counts struct {
	// Minor is the Kubernetes minor version that it decides as: 37 for 1.37.
	Minor int
	// Nodes and Pods are how many there are; Pending of the pods wait for a node, Bound hold room on one.
	Nodes, Pods, Pending, Bound int
}

// Counts says how many nodes and pods there are.
func (c *Cluster) Counts() (Counts, error) {
	var counts C.bayplan_counts_t
	counts.struct_size = C.uint32_t(unsafe.Sizeof(counts))
	err := c.look(func(c *C.bayplan_cluster_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_counts(c, &counts, e)
	})
	return Counts{int(counts.minor), int(counts.nodes), int(counts.pods), int(counts.pending), int(counts.bound)}, err
}

// NodeAmount says what a node gives of a resource and what its pods ask for: cpu in thousandths, all others in whole units.
func (c *Cluster) NodeAmount(node, resource string) (allocatable, requested int64, err error) {
	var gives, asked C.int64_t
	err = c.two(node, resource, func(c *C.bayplan_cluster_t, node, resource *C.char, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_node_amount(c, node, resource, &gives, &asked, e)
	})
	return int64(gives), int64(asked), err
}

// Save gives the cluster as bytes, for [Open] of the same version of the library. Not saved are resourceVersions, so that a mirror that is opened begins with
// [Cluster.Replace], which binds are unconfirmed, and how input is read.
func (c *Cluster) Save() ([]byte, error) {
	texts, err := c.names(func(c *C.bayplan_cluster_t, s **C.bayplan_strings_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_save(c, s, e)
	})
	if err != nil {
		return nil, err
	}
	return []byte(texts[0]), nil
}

// Open opens what [Cluster.Save] gave.
func Open(data []byte) (*Cluster, error) {
	var c *C.bayplan_cluster_t
	var fault *C.bayplan_error_t
	text, length := bytesOf(data)
	if err := take(C.bayplan_cluster_open(text, length, &c, &fault), fault); err != nil {
		return nil, err
	}
	return own(c, nil), nil
}

// Verify recounts every sum from the objects; an error would be a fault of the library.
func (c *Cluster) Verify() error {
	return c.change(func(c *C.bayplan_cluster_t, e **C.bayplan_error_t) C.bayplan_status_t {
		return C.bayplan_cluster_verify(c, e)
	})
}
