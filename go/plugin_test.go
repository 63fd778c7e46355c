package bayplan_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	bayplan "github.com/bayplan/bayplan/go"
)

// licences lets pods with the label licence go to n2 alone; later nodes are liked better.
func licences(asked *atomic.Int64) bayplan.Plugin {
	return bayplan.Plugin{
		Name: "Licences",
		Filter: func(question *bayplan.Question, codes []uint32) error {
			asked.Add(1)
			switch question.Pod() {
			case "default/lost":
				return errors.New("no licence server")
			case "default/panics":
				panic("out of licences")
			}
			asks := strings.Contains(string(question.PodJSON()), `"licence"`)
			for at := range codes {
				if (question.Node(at) == "n2") != asks {
					codes[at] = 3 | bayplan.Unresolvable
				}
			}
			return nil
		},
		Reason: func(code uint32) string { return fmt.Sprintf("licence rule %d", code&^bayplan.Unresolvable) },
		Score: func(question *bayplan.Question, scores []int64) error {
			for at, row := range question.Rows() {
				scores[at] = int64(row)
			}
			return nil
		},
		Normalize: bayplan.NormalizeHighest,
		Weight:    2,
	}
}

func licensed(name string) object {
	pod := pod(name, "1")
	pod["metadata"].(object)["labels"] = object{"licence": "one"}
	return pod
}

func TestPlugin(t *testing.T) {
	var asked atomic.Int64
	c := must[*bayplan.Cluster](t)(bayplan.New(bayplan.Options{Plugins: []bayplan.Plugin{licences(&asked)}}))
	err := c.Load(node("n1", "8"), node("n2", "8"), node("n3", "8"),
		pod("plain", "1"), licensed("licensed"), pod("lost", "1"), pod("panics", "1"), pod("big", "9"))
	if err != nil {
		t.Fatal(err)
	}
	decide := func(c *bayplan.Cluster, pod string) bayplan.Decision {
		t.Helper()
		return must[bayplan.Decision](t)(c.Decide("default/" + pod))
	}
	if on := decide(c, "plain").Node; on != "n3" {
		t.Errorf("plain is on %q: later nodes are liked better, and n2 is kept", on)
	}
	if asked.Load() != 1 {
		t.Errorf("asked %d times for a decision", asked.Load())
	}
	if on := decide(c, "licensed").Node; on != "n2" {
		t.Errorf("licensed is on %q", on)
	}
	if said := decide(c, "lost").Message; said != `running "Licences" filter plugin: no licence server` {
		t.Error(said)
	}
	if said := decide(c, "panics").Message; said != `running "Licences" filter plugin: panic: out of licences` {
		t.Error(said)
	}
	if _, err := c.Evaluate("default/lost"); !errors.Is(err, bayplan.PluginFailed) {
		t.Errorf("numbers of a plugin that failed: %v", err)
	}
	// A fork asks it when the cluster is gone, and so does what a question leaves behind.
	fork := must[*bayplan.Cluster](t)(c.Fork())
	placed := must[*bayplan.Placement](t)(c.Place(context.Background(), deployment(2), bayplan.PlaceOptions{}))
	c.Close()
	c.Close()
	if _, err := c.Fork(); err == nil {
		t.Error("a closed cluster was forked")
	}
	if _, err := c.Place(context.Background(), deployment(1), bayplan.PlaceOptions{}); err == nil {
		t.Error("a closed cluster placed pods")
	}
	nodes := []string{}
	for _, decision := range placed.Decisions {
		nodes = append(nodes, decision.Node)
	}
	if slices.Sort(nodes); !slices.Equal(nodes, []string{"n3", "n3"}) {
		t.Errorf("placed on %v", nodes)
	}
	if on := decide(placed.After, "licensed").Node; on != "n2" {
		t.Errorf("after the plan licensed is on %q", on)
	}
	placed.After.Close()
	var all sync.WaitGroup
	for range 4 {
		fork := must[*bayplan.Cluster](t)(fork.Fork())
		all.Add(1)
		go func() {
			defer all.Done()
			defer fork.Close()
			for range 20 {
				if decision, err := fork.Decide("default/big"); err != nil || !strings.Contains(decision.Message, "Insufficient cpu") {
					t.Errorf("big: %v, %v", decision.Message, err)
				}
			}
		}()
	}
	all.Wait()
	fork.Close()
}

func TestPluginsThatCannotBe(t *testing.T) {
	for name, plugins := range map[string][]bayplan.Plugin{
		"is required":                    {{}},
		"is a plugin of kube-scheduler":  {{Name: "NodeName"}},
		"`A` is there twice":             {{Name: "A"}, {Name: "A"}},
		"is not in 1 to 2147483647":      {{Name: "A", Weight: 1 << 40, Score: func(*bayplan.Question, []int64) error { return nil }}},
		"plugins[0].normalize is 9: no ": {{Name: "A", Normalize: 9}},
	} {
		if _, err := bayplan.New(bayplan.Options{Plugins: plugins}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
