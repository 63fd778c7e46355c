package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	bayplan "github.com/bayplan/bayplan/go"
)

const node = `{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "new-%d"},
	"status": {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "10"}}}`

func TestNeed(t *testing.T) {
	cluster, err := bayplan.New(bayplan.Options{NoPreemption: true})
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	// Seven pods of 1500m: two fit on a node of four cores. One of five fits on none.
	for i := range 8 {
		cpu := "1500m"
		if i == 7 {
			cpu = "5"
		}
		pod := fmt.Sprintf(`{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p%d", "namespace": "default"},
			"spec": {"containers": [{"name": "c", "image": "i", "resources": {"requests": {"cpu": "%s"}}}]}}`, i, cpu)
		if err := cluster.Load(pod); err != nil {
			t.Fatal(err)
		}
	}
	answer, err := Need(context.Background(), cluster, func(number int) []byte { return fmt.Appendf(nil, node, number) })
	if err != nil {
		t.Fatal(err)
	}
	if answer.Nodes != 4 || answer.Placed != 7 || !strings.Contains(answer.Left["default/p7"], "Insufficient cpu") {
		t.Errorf("%+v", answer)
	}
	claims := `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "gpu", "namespace": "default"}, "spec": {
		"resourceClaims": [{"name": "gpu", "resourceClaimName": "gpu"}], "containers": [{"name": "c", "image": "i"}]}}`
	if err := cluster.Load(claims); err != nil {
		t.Fatal(err)
	}
	answer, err = Need(context.Background(), cluster, func(number int) []byte { return fmt.Appendf(nil, node, number) })
	if err != nil || !strings.Contains(answer.Unsure["default/gpu"], "DynamicResources") {
		t.Error("a rule that is not applied must be said:", answer, err)
	}
	if nodes, _ := cluster.Nodes(); len(nodes) != 0 {
		t.Error("the cluster itself stays as it is:", nodes)
	}
}
