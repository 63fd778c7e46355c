// Package k8s feeds a bayplan cluster from the informers of client-go.
//
//	factory := informers.NewSharedInformerFactory(client, 0)
//	synced, err := k8s.Mirror(factory, cluster, func(err error) { log.Print(err) })
//	factory.Start(stop)
//	cache.WaitForCacheSync(stop, synced...)
package k8s

import (
	"encoding/json"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/cache"

	bayplan "github.com/bayplan/bayplan/go"
)

// Resources are what kube-scheduler's decisions look at. Not among them are deviceclasses (resource.k8s.io), which not every server has, and whose informer would
// then never sync: add them to tell that a class may give a pod its extended resource, from 1.36 on.
var Resources = []schema.GroupVersionResource{
	{Version: "v1", Resource: "nodes"},
	{Version: "v1", Resource: "pods"},
	{Version: "v1", Resource: "namespaces"},
	{Version: "v1", Resource: "services"},
	{Version: "v1", Resource: "replicationcontrollers"},
	{Version: "v1", Resource: "persistentvolumes"},
	{Version: "v1", Resource: "persistentvolumeclaims"},
	{Group: "apps", Version: "v1", Resource: "replicasets"},
	{Group: "apps", Version: "v1", Resource: "statefulsets"},
	{Group: "storage.k8s.io", Version: "v1", Resource: "storageclasses"},
	{Group: "storage.k8s.io", Version: "v1", Resource: "csinodes"},
	{Group: "storage.k8s.io", Version: "v1", Resource: "csidrivers"},
	{Group: "storage.k8s.io", Version: "v1", Resource: "csistoragecapacities"},
	{Group: "storage.k8s.io", Version: "v1", Resource: "volumeattachments"},
	{Group: "scheduling.k8s.io", Version: "v1", Resource: "priorityclasses"},
	{Group: "policy", Version: "v1", Resource: "poddisruptionbudgets"},
}

// Mirror adds a handler for each of [Resources] to the informers of a factory, to be started afterwards. What it gives says when the cluster has all objects
// that were there at the beginning: the informers themselves are in sync earlier. failed is told of objects that cannot be taken in.
func Mirror(factory informers.SharedInformerFactory, cluster *bayplan.Cluster, failed func(error)) ([]cache.InformerSynced, error) {
	var synced []cache.InformerSynced
	for _, resource := range Resources {
		informer, err := factory.ForResource(resource)
		if err != nil {
			return nil, err
		}
		handler, err := informer.Informer().AddEventHandler(Handler(cluster, failed))
		if err != nil {
			return nil, err
		}
		synced = append(synced, handler.HasSynced)
	}
	return synced, nil
}

// Handler gives the events of an informer to a cluster. What is late or comes twice changes nothing, and pods that the cluster has bound itself stay where they
// are until the watch confirms it, see [bayplan.Cluster.Observe]. failed is told of objects that cannot be taken in.
func Handler(cluster *bayplan.Cluster, failed func(error)) cache.ResourceEventHandler {
	observe := func(object any) {
		if err := Observe(cluster, object); err != nil {
			failed(err)
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    observe,
		UpdateFunc: func(_, object any) { observe(object) },
		DeleteFunc: func(object any) {
			// The informer has missed the deletion: this is the last that it knew.
			if last, ok := object.(cache.DeletedFinalStateUnknown); ok {
				object = last.Obj
			}
			data, err := Encode(object)
			if err == nil {
				_, err = cluster.ObserveDeleted(data)
			}
			if err != nil {
				failed(err)
			}
		},
	}
}

// Observe takes in one object of client-go, as ADDED or MODIFIED.
func Observe(cluster *bayplan.Cluster, object any) error {
	data, err := Encode(object)
	if err != nil {
		return err
	}
	_, err = cluster.Observe(data)
	return err
}

// Encode marshals an object of client-go with its apiVersion and kind, which objects of typed clients do not have.
func Encode(object any) (json.RawMessage, error) {
	typed, ok := object.(runtime.Object)
	if !ok {
		return nil, fmt.Errorf("bayplan: %T is no Kubernetes object", object)
	}
	data, err := json.Marshal(typed)
	if err != nil {
		return nil, err
	}
	kind := typed.GetObjectKind().GroupVersionKind()
	if !kind.Empty() {
		return data, nil
	}
	kinds, _, err := scheme.Scheme.ObjectKinds(typed)
	if err != nil {
		return nil, err
	}
	if len(data) < 2 || data[0] != '{' {
		return nil, errors.New("bayplan: an object that is none")
	}
	head := fmt.Sprintf(`{"apiVersion":%q,"kind":%q`, kinds[0].GroupVersion().String(), kinds[0].Kind)
	if len(data) > 2 {
		head += ","
	}
	return append([]byte(head), data[1:]...), nil
}
