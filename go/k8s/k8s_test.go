package k8s_test

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/cache"

	bayplan "github.com/bayplan/bayplan/go"
	"github.com/bayplan/bayplan/go/k8s"
)

func amounts(cpu string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse("8Gi"), corev1.ResourcePods: resource.MustParse("10")}
}

func node(name string) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, UID: "n", ResourceVersion: "1"}, Status: corev1.NodeStatus{Allocatable: amounts("4")}}
}

func pod(name, version, on string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default", UID: "p", ResourceVersion: version},
		Spec: corev1.PodSpec{NodeName: on, SchedulerName: "default-scheduler",
			Containers: []corev1.Container{{Name: "c", Image: "i", Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1")}}}}},
	}
}

func new(t *testing.T) *bayplan.Cluster {
	c, err := bayplan.New(bayplan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestHandler(t *testing.T) {
	c := new(t)
	handler := k8s.Handler(c, func(err error) { t.Error(err) })
	handler.OnAdd(node("a"), true)
	handler.OnAdd(pod("p", "5", ""), true)
	decision, err := c.Decide("default/p")
	if err != nil || decision.Node != "a" {
		t.Fatal(decision, err)
	}
	if err := c.Bind("default/p", "a", time.Unix(7, 0)); err != nil {
		t.Fatal(err)
	}
	// An event from before the bind; then the bind; then the pod is gone, which the informer did not see.
	handler.OnUpdate(pod("p", "5", ""), pod("p", "6", ""))
	if on, _ := c.NodeOf("default/p"); on != "a" {
		t.Errorf("on %q", on)
	}
	handler.OnUpdate(pod("p", "6", ""), pod("p", "7", "a"))
	handler.OnDelete(cache.DeletedFinalStateUnknown{Key: "default/p", Obj: pod("p", "7", "a")})
	if counts, _ := c.Counts(); counts.Pods != 0 || counts.Nodes != 1 {
		t.Errorf("%+v", counts)
	}
	failed := 0
	k8s.Handler(c, func(error) { failed++ }).OnAdd("no object", false)
	if failed != 1 {
		t.Error("what is no object must be said")
	}
}

func TestInformersFeedACluster(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	client := fake.NewClientset(node("a"), node("b"), pod("p", "1", ""), pod("q", "1", "b"))
	factory := informers.NewSharedInformerFactory(client, 0)
	c := new(t)
	synced, err := k8s.Mirror(factory, c, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), synced...) {
		t.Fatal("not in sync")
	}
	want := bayplan.Counts{Minor: 37, Nodes: 2, Pods: 2, Pending: 1, Bound: 1}
	if counts, _ := c.Counts(); counts != want {
		t.Errorf("%+v", counts)
	}
}
