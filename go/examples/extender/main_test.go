package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"

	bayplan "github.com/bayplan/bayplan/go"
)

func node(name, cpu, more string) string {
	return fmt.Sprintf(`{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "%s", "uid": "%[1]s"}, "spec": {%[3]s},
		"status": {"allocatable": {"cpu": "%[2]s", "memory": "8Gi", "pods": "10"}}}`, name, cpu, more)
}

func pod(name, cpu, more string) string {
	return fmt.Sprintf(`{"metadata": {"name": "%s", "namespace": "default", "uid": "%[1]s"}, "spec": {%[3]s
		"schedulerName": "default-scheduler",
		"containers": [{"name": "c", "image": "i", "resources": {"requests": {"cpu": "%[2]s"}}}]}}`, name, cpu, more)
}

func kind(object string) string { return `{"apiVersion": "v1", "kind": "Pod", ` + object[1:] }

// The scheduler's requests, as the types of k8s.io/kube-scheduler/extender/v1 are written: they have no names of their own in JSON.
func TestExtender(t *testing.T) {
	mirror, err := bayplan.New(bayplan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer mirror.Close()
	objects := []any{node("small", "1", ""), node("large", "8", ""), node("full", "2", ""), node("cordoned", "8", `"unschedulable": true`),
		kind(pod("low", "2", `"nodeName": "full", "priority": 0,`))}
	if err := mirror.Load(objects...); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer((&Extender{mirror}).Handler())
	defer server.Close()
	ask := func(verb, body string, want any) {
		t.Helper()
		response, err := server.Client().Post(server.URL+"/"+verb, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		data, _ := io.ReadAll(response.Body)
		response.Body.Close()
		var got any
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatalf("%s: %s", verb, data)
		}
		normal, _ := json.Marshal(want)
		var expected any
		json.Unmarshal(normal, &expected)
		if !reflect.DeepEqual(got, expected) {
			t.Errorf("%s: %s, expected %s", verb, data, normal)
		}
	}
	names := `"NodeNames": ["small", "large", "full", "cordoned", "unknown"]`
	type object = map[string]any
	ask("filter", `{"Pod": `+pod("p", "1", "")+`, `+names+`}`, object{
		"NodeNames":                  []string{"small", "large"},
		"Error":                      "",
		"FailedNodes":                object{"full": "bayplan: rejected", "unknown": "bayplan: the mirror has no such node yet"},
		"FailedAndUnresolvableNodes": object{"cordoned": "bayplan: rejected"},
	})
	// On the larger node more is left over: it has the higher total, and so the most that there is.
	ask("prioritize", `{"Pod": `+pod("p", "1", "")+`, "NodeNames": ["small", "large"]}`,
		[]object{{"Host": "small", "Score": 0}, {"Host": "large", "Score": 10}})
	ask("filter", `{"Pod": `+pod("p", "1", "")+`}`, object{"Error": "this extender has nodes of its own: set nodeCacheCapable: true", "NodeNames": nil, "FailedNodes": nil, "FailedAndUnresolvableNodes": nil})
	// Pods that are not for it: the scheduler goes on without it.
	for _, more := range []string{`"resourceClaims": [{"name": "gpu", "resourceClaimName": "gpu"}],`, `"nodeName": "small",`} {
		ask("filter", `{"Pod": `+pod("other", "1", more)+`, "NodeNames": ["full", "cordoned"]}`,
			object{"NodeNames": []string{"full", "cordoned"}, "Error": "", "FailedNodes": nil, "FailedAndUnresolvableNodes": nil})
		ask("prioritize", `{"Pod": `+pod("other", "1", more)+`, "NodeNames": ["full"]}`, []object{{"Host": "full", "Score": 10}})
	}
	// Preemption of a pod of 1500m helps on the full node alone: on the small one there is nobody to evict. Large is out of the question for it.
	high := pod("high", "1500m", `"priority": 100, "nodeSelector": {"none": "such"},`)
	ask("preempt", `{"Pod": `+high+`, "NodeNameToMetaVictims": {"full": {"Pods": [{"UID": "low"}], "NumPDBViolations": 0}}}`, object{"NodeNameToMetaVictims": object{}})
	large := pod("high", "9", `"priority": 100,`)
	ask("preempt", `{"Pod": `+large+`, "NodeNameToMetaVictims": {"full": {"Pods": [{"UID": "low"}], "NumPDBViolations": 0}}}`, object{"NodeNameToMetaVictims": object{}})
	if err := mirror.Load(kind(pod("busy", "8", `"nodeName": "large", "priority": 200,`))); err != nil {
		t.Fatal(err)
	}
	fits := pod("high", "1500m", `"priority": 100,`)
	ask("preempt", `{"Pod": `+fits+`, "NodeNameToMetaVictims": {"full": {"Pods": [{"UID": "low"}], "NumPDBViolations": 0},
		"large": {"Pods": [{"UID": "busy"}], "NumPDBViolations": 0}}}`,
		object{"NodeNameToMetaVictims": object{"full": object{"Pods": []object{{"UID": "low"}}, "NumPDBViolations": 0}}})
}

// TestRecorded replays what the real kube-scheduler asked this extender over HTTP (testdata/record.sh) and what it was answered.
func TestRecorded(t *testing.T) {
	dump, err := os.ReadFile("testdata/dump.json")
	if err != nil {
		t.Fatal(err)
	}
	recorded, err := os.ReadFile("testdata/recorded.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	mirror, err := bayplan.New(bayplan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer mirror.Close()
	if err := mirror.Load(dump); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer((&Extender{mirror}).Handler())
	defer server.Close()
	played := map[string]int{}
	for _, line := range bytes.Split(bytes.TrimSpace(recorded), []byte("\n")) {
		var exchange struct {
			Verb    string
			Request json.RawMessage
			Answer  any
		}
		if err := json.Unmarshal(line, &exchange); err != nil {
			t.Fatal(err)
		}
		if exchange.Verb == "" {
			continue
		}
		played[exchange.Verb]++
		response, err := server.Client().Post(server.URL+"/"+exchange.Verb, "application/json", bytes.NewReader(exchange.Request))
		if err != nil {
			t.Fatal(err)
		}
		var got any
		if err := json.NewDecoder(response.Body).Decode(&got); err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if !reflect.DeepEqual(got, exchange.Answer) {
			t.Errorf("%s: %s is answered with %v, expected %v", exchange.Verb, exchange.Request, got, exchange.Answer)
		}
	}
	for verb, least := range map[string]int{"filter": 13, "prioritize": 2, "preempt": 2} {
		if played[verb] < least {
			t.Errorf("%d requests of %s: %d were recorded", played[verb], verb, least)
		}
	}
}
