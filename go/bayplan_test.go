package bayplan_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	bayplan "github.com/bayplan/bayplan/go"
)

var start = time.Unix(1_700_000_000, 0)

type object = map[string]any

func node(name, cpu string) object {
	return object{"apiVersion": "v1", "kind": "Node",
		"metadata": object{"name": name, "uid": name, "labels": object{"kubernetes.io/hostname": name}},
		"status":   object{"allocatable": object{"cpu": cpu, "memory": "32Gi", "pods": "110"}}}
}

func pod(name, cpu string) object {
	return object{"apiVersion": "v1", "kind": "Pod", "metadata": object{"name": name, "namespace": "default"},
		"spec": object{"schedulerName": "default-scheduler", "containers": []any{object{"name": "c", "image": "i",
			"resources": object{"requests": object{"cpu": cpu}}}}}}
}

func deployment(replicas int) object {
	return object{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": object{"name": "web", "namespace": "default"},
		"spec": object{"replicas": replicas, "selector": object{"matchLabels": object{"app": "web"}},
			"template": object{"metadata": object{"labels": object{"app": "web"}}, "spec": pod("x", "500m")["spec"]}}}
}

func must[T any](t testing.TB) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func cluster(t testing.TB, objects ...any) *bayplan.Cluster {
	t.Helper()
	c := must[*bayplan.Cluster](t)(bayplan.New(bayplan.Options{}))
	t.Cleanup(func() { c.Close() })
	if err := c.Load(objects...); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDecideBindAndWhy(t *testing.T) {
	c := cluster(t, node("small", "1"), node("large", "8"), pod("a", "500m"), pod("b", "9"))
	a := must[bayplan.Decision](t)(c.Decide("default/a"))
	if a.Outcome != bayplan.Scheduled || a.Node != "large" || a.Feasible != 2 {
		t.Errorf("%+v", a)
	}
	b := must[bayplan.Decision](t)(c.Decide("default/b"))
	if want := "0/2 nodes are available: 2 Insufficient cpu."; b.Message != want || b.Outcome.String() != "Unschedulable" {
		t.Errorf("%+v", b)
	}
	if err := c.Bind("default/a", "small", start); err != nil {
		t.Fatal(err)
	}
	if on := must[string](t)(c.NodeOf("default/a")); on != "small" {
		t.Errorf("on %q", on)
	}
	if allocatable, requested, err := c.NodeAmount("small", "cpu"); allocatable != 1000 || requested != 500 || err != nil {
		t.Error(allocatable, requested, err)
	}
	counts := must[bayplan.Counts](t)(c.Counts())
	if counts != (bayplan.Counts{Minor: 37, Nodes: 2, Pods: 2, Pending: 1, Bound: 1}) {
		t.Errorf("%+v", counts)
	}
	if err := c.Unbind("default/a"); err != nil {
		t.Error(err)
	}
	if found := must[bool](t)(c.Delete("v1", "Pod", "default", "b")); !found {
		t.Error("it was there")
	}
	var why struct{ Kind string }
	if err := json.Unmarshal(must[json.RawMessage](t)(c.Why("default/a")), &why); err != nil || why.Kind != "Explanation" {
		t.Error(why, err)
	}
	results := must[[]bayplan.NodeResult](t)(c.Evaluate("default/a"))
	if len(results) != 2 || !results[0].Feasible || results[1].Total != a.Score {
		t.Errorf("%+v", results)
	}
}

func TestErrorsHaveStatusAndParts(t *testing.T) {
	c := cluster(t, node("n", "1"), pod("a", "500m"))
	_, err := c.Decide("default/none")
	if !errors.Is(err, bayplan.NotFound) || errors.Is(err, bayplan.Conflict) {
		t.Error(err)
	}
	bad := pod("p", "much")
	bad["metadata"].(object)["uid"] = "u"
	var parts *bayplan.Error
	if err := c.Load(bad); !errors.As(err, &parts) {
		t.Fatal(err)
	}
	if parts.Status != bayplan.InvalidInput || parts.Object != "Pod default/p" || parts.Field != "spec.containers[0].resources.requests.cpu" {
		t.Errorf("%+v", parts)
	}
	if err := c.Bind("default/a", "n", start); err != nil {
		t.Error(err)
	}
	if err := c.Bind("default/a", "n", start); !errors.Is(err, bayplan.Conflict) {
		t.Error(err)
	}
	if _, err := c.Decide("default/\x00a"); !errors.Is(err, bayplan.InvalidArgument) {
		t.Error(err)
	}
	if _, err := bayplan.New(bayplan.Options{Version: "1.2"}); !errors.Is(err, bayplan.InvalidConfiguration) {
		t.Error(err)
	}
	closed := cluster(t, node("n", "1"))
	closed.Close()
	if _, err := closed.Nodes(); !errors.Is(err, bayplan.InvalidArgument) {
		t.Error("a closed cluster:", err)
	}
}

func TestPlaceFitAndWhatIf(t *testing.T) {
	ctx := context.Background()
	c := cluster(t, node("a", "2"), node("b", "2"))
	placed := must[*bayplan.Placement](t)(c.Place(ctx, deployment(10), bayplan.PlaceOptions{}))
	defer placed.After.Close()
	scheduled := 0
	for _, decision := range placed.Decisions {
		if decision.Outcome == bayplan.Scheduled {
			scheduled++
		}
	}
	// Four of 500m on each node of two cores.
	if scheduled != 8 || len(placed.Decisions) != 10 {
		t.Errorf("%d of %d", scheduled, len(placed.Decisions))
	}
	if counts := must[bayplan.Counts](t)(placed.After.Counts()); counts.Bound != 8 {
		t.Errorf("%+v", counts)
	}
	if fit := must[bayplan.FitResult](t)(c.Fit(ctx, pod("x", "500m"), 100, false)); fit.Replicas != 8 {
		t.Errorf("%d", fit.Replicas)
	}
	answer := must[*bayplan.Answer](t)(placed.After.WhatIf(ctx, "fail", object{"by": "node", "threads": 1}))
	var fail struct{ Kind string }
	if err := json.Unmarshal(answer.Document, &fail); err != nil || fail.Kind != "Fail" || answer.After != nil {
		t.Error(fail, err)
	}
	if _, err := c.WhatIf(ctx, "fail", object{"bay": "node"}); !errors.Is(err, bayplan.InvalidInput) {
		t.Error(err)
	}
	if decision := must[bayplan.Decision](t)(c.DecidePod(pod("new", "1"))); decision.Node != "a" || decision.Pod != "default/new" {
		t.Errorf("%+v", decision)
	}
}

func TestContextStopsLongCalls(t *testing.T) {
	c := cluster(t, node("a", "2"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := c.Place(ctx, deployment(5), bayplan.PlaceOptions{})
	if !errors.Is(err, bayplan.Stopped) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	// Stopped in the middle: a million replicas take longer than a deadline.
	ctx, cancel = context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err = c.Place(ctx, deployment(900_000), bayplan.PlaceOptions{})
	if !errors.Is(err, bayplan.Stopped) || !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if _, err = c.Place(context.Background(), deployment(2), bayplan.PlaceOptions{}); err != nil {
		t.Error("the next call is not stopped:", err)
	}
}

func watched(name string, version int, on string) object {
	one := pod(name, "100m")
	one["metadata"] = object{"name": name, "namespace": "default", "uid": name, "resourceVersion": fmt.Sprint(version)}
	one["spec"].(object)["nodeName"] = on
	return one
}

func TestMirrorOfAShuffledWatchIsAFreshLoad(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	nodes := []any{node("a", "64"), node("b", "64")}
	for range 50 {
		var events []object
		last := map[string]object{}
		for version := 1; version <= 200; version++ {
			name := fmt.Sprint("p", random.Intn(20))
			event := watched(name, version, []string{"", "a", "b"}[random.Intn(3)])
			events, last[name] = append(events, event), event
		}
		events = append(events, events[:50]...)
		random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		mirror, fresh := cluster(t, nodes...), cluster(t, nodes...)
		for _, event := range events {
			if _, err := mirror.Observe(event); err != nil {
				t.Fatal(err)
			}
		}
		for _, event := range last {
			if err := fresh.Load(event); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"a", "b"} {
			got, want := must[[]string](t)(mirror.PodsOn(name)), must[[]string](t)(fresh.PodsOn(name))
			if !slices.Equal(got, want) {
				t.Fatalf("on %s: %v, fresh %v", name, got, want)
			}
		}
		got, want := must[[]string](t)(mirror.Pending()), must[[]string](t)(fresh.Pending())
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("pending: %v, fresh %v", got, want)
		}
		if err := mirror.Verify(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMirrorAssumesConfirmsAndForgets(t *testing.T) {
	c := cluster(t, node("a", "4"), node("b", "4"), watched("p", 1, ""), watched("q", 1, ""))
	for _, pod := range []string{"default/p", "default/q"} {
		if err := c.Bind(pod, "a", start); err != nil {
			t.Fatal(err)
		}
	}
	changes := must[bayplan.Changes](t)(c.Observe(watched("p", 2, ""), watched("q", 3, "a")))
	if changes.Unchanged != 1 || changes.Confirmed != 1 {
		t.Errorf("%+v", changes)
	}
	if err := c.Forget("default/p"); err != nil {
		t.Error(err)
	}
	if err := c.Forget("default/q"); !errors.Is(err, bayplan.Conflict) {
		t.Error(err)
	}
	changes = must[bayplan.Changes](t)(c.Replace("v1", "Pod", watched("q", 9, "b")))
	if changes.Removed != 1 || !slices.Equal(changes.Moved, []string{"default/q"}) {
		t.Errorf("%+v", changes)
	}
	changes = must[bayplan.Changes](t)(c.ObserveDeleted(watched("q", 10, "b")))
	if changes.Removed != 1 {
		t.Errorf("%+v", changes)
	}
}

func city(t testing.TB) *bayplan.Cluster {
	t.Helper()
	dump, err := os.ReadFile("../examples/city.json")
	if err != nil {
		t.Fatal(err)
	}
	return cluster(t, dump)
}

func TestIDsAndBlockDecideAsNamesDo(t *testing.T) {
	c := city(t)
	var pods []any
	for i := range 40 {
		pods = append(pods, pod(fmt.Sprint("new-", i), fmt.Sprintf("%dm", 100+i%7*400)))
	}
	if err := c.Load(pods...); err != nil {
		t.Fatal(err)
	}
	names := must[[]string](t)(c.Pending())
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, "default/new-") })
	ids, rows := make([]uint64, len(names)), make([]bayplan.PodRows, len(names))
	for at, name := range names {
		ids[at] = must[uint64](t)(c.PodID(name))
		rows[at] = must[bayplan.PodRows](t)(c.PodRows(name))
	}
	block := must[*bayplan.Block](t)(c.Block())
	fork := must[*bayplan.Cluster](t)(c.Fork())
	defer fork.Close()
	results := make([]bayplan.Result, len(ids))
	if err := fork.DecideIDs(ids, results, true, start); err != nil {
		t.Fatal(err)
	}
	for at, name := range names {
		byName := must[bayplan.Decision](t)(c.Decide(name))
		choice := must[bayplan.Choice](t)(block.Decide(rows[at]))
		result := results[at]
		if choice.Node != result.Node || choice.Score != result.Score || byName.Score != result.Score || byName.Ties != int(result.Ties) {
			t.Fatalf("%s: %+v, by id %+v, in the block %+v", name, byName, result, choice)
		}
		if result.Outcome != bayplan.Scheduled {
			continue
		}
		if on := must[string](t)(c.NodeOfRow(result.Node)); on != byName.Node {
			t.Fatalf("%s on %s, by id %s", name, byName.Node, on)
		}
		if err := c.Bind(name, byName.Node, start); err != nil {
			t.Fatal(err)
		}
		must[uint32](t)(block.Bind(rows[at], choice.Node, start.Unix()))
	}
	allocations := testing.AllocsPerRun(100, func() {
		choice, _ := block.Decide(rows[0])
		row, _ := block.Bind(rows[0], choice.Node, 0)
		if err := block.Unbind(row); err != nil {
			t.Error(err)
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations a decision in the block", allocations)
	}
}

// Run with -race: many goroutines in one cluster.
func TestGoroutinesShareACluster(t *testing.T) {
	c := city(t)
	if err := c.Load(pod("one", "100m"), pod("two", "100m")); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	calls := []func() error{
		func() error { _, err := c.Decide("default/one"); return err },
		func() error { _, err := c.NodeOf("default/two"); return err },
		func() error { _, err := c.Pending(); return err },
		func() error { _, err := c.Observe(watched("w", 0, "")); return err },
		func() error {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			placed, err := c.Place(ctx, deployment(3), bayplan.PlaceOptions{})
			if err == nil {
				placed.After.Close()
			}
			return err
		},
	}
	for i := range 40 {
		group.Add(1)
		go func() {
			defer group.Done()
			if err := calls[i%len(calls)](); err != nil {
				t.Error(err)
			}
		}()
	}
	group.Wait()
}

func TestSavedClustersOpen(t *testing.T) {
	c := city(t)
	opened := must[*bayplan.Cluster](t)(bayplan.Open(must[[]byte](t)(c.Save())))
	defer opened.Close()
	if got, want := must[bayplan.Counts](t)(opened.Counts()), must[bayplan.Counts](t)(c.Counts()); got != want {
		t.Errorf("%+v, saved %+v", got, want)
	}
	if _, err := bayplan.Open([]byte("no")); !errors.Is(err, bayplan.InvalidInput) {
		t.Error(err)
	}
}

// What fuzzing puts in ends with a value or an error, and leaves the cluster sound.
func FuzzLoad(f *testing.F) {
	for _, one := range []object{node("n", "1"), pod("p", "1"), deployment(2)} {
		data, _ := json.Marshal(one)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := cluster(t, node("n", "1"))
		if c.Load(data) != nil {
			return
		}
		pending, err := c.Pending()
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range pending {
			if _, err := c.Decide(name); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Verify(); err != nil {
			t.Fatal(err)
		}
	})
}

func Example() {
	c, err := bayplan.New(bayplan.Options{})
	if err != nil {
		panic(err)
	}
	defer c.Close()
	if err := c.Load(node("n1", "2"), node("n2", "4"), pod("fits", "3"), pod("does-not", "5")); err != nil {
		panic(err)
	}
	for _, name := range []string{"default/fits", "default/does-not"} {
		decision, err := c.Decide(name)
		if err != nil {
			panic(err)
		}
		fmt.Println(decision.Pod, decision.Outcome, decision.Node+decision.Message)
	}
	// Output:
	// default/fits Scheduled n2
	// default/does-not Unschedulable 0/2 nodes are available: 2 Insufficient cpu.
}
