package bayplan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	bayplan "github.com/bayplan/bayplan/go"
)

// TestExtenders asks an extender over HTTP, as kube-scheduler does: a filter that lets n2 and n3 pass, and a prioritize that likes n2.
func TestExtenders(t *testing.T) {
	var bodies []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var args struct {
			Pod       struct{ Metadata struct{ Name string } }
			NodeNames []string
		}
		if err := json.NewDecoder(r.Body).Decode(&args); err != nil || r.Header.Get("Content-Type") != "application/json" {
			http.Error(w, "what?", http.StatusBadRequest)
			return
		}
		bodies = append(bodies, r.URL.Path+" "+args.Pod.Metadata.Name+" "+strings.Join(args.NodeNames, ","))
		switch {
		case args.Pod.Metadata.Name == "odd":
			http.Error(w, "no", http.StatusTeapot)
		case r.URL.Path == "/x/filter":
			w.Write([]byte(`{"NodeNames": ["n2", "n3"], "FailedNodes": {"n1": "no licence"}}`))
		default:
			w.Write([]byte(`[{"Host": "n2", "Score": 10}, {"Host": "n3", "Score": 1}]`))
		}
	}))
	defer server.Close()
	configuration := map[string]any{"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration",
		"extenders": []any{map[string]any{"urlPrefix": server.URL + "/x/", "filterVerb": "filter", "prioritizeVerb": "prioritize",
			"weight": 3, "nodeCacheCapable": true}}}
	options := bayplan.Options{Configuration: configuration, Extenders: bayplan.HTTPExtenders(server.Client())}
	c := must[*bayplan.Cluster](t)(bayplan.New(options))
	if err := c.Load(node("n1", "8"), node("n2", "8"), node("n3", "8"), node("n4", "0"), pod("p", "1"), pod("odd", "1")); err != nil {
		t.Fatal(err)
	}
	// A fork has it when the cluster is gone.
	fork := must[*bayplan.Cluster](t)(c.Fork())
	c.Close()
	defer fork.Close()
	decision := must[bayplan.Decision](t)(fork.Decide("default/p"))
	if decision.Node != "n2" || decision.Feasible != 2 || len(decision.NotApplied) != 0 {
		t.Errorf("p: %+v", decision)
	}
	if said := strings.Join(bodies, "; "); said != "/x/filter p n1,n2,n3; /x/prioritize p n2,n3" {
		t.Error(said)
	}
	odd := must[bayplan.Decision](t)(fork.Decide("default/odd"))
	if want := "failed filter with extender at URL " + server.URL + "/x/filter, code 418"; odd.Message != want {
		t.Errorf("%q, and not %q", odd.Message, want)
	}
	// Without anybody who carries the requests it is said.
	options.Extenders = nil
	silent := must[*bayplan.Cluster](t)(bayplan.New(options))
	defer silent.Close()
	if err := silent.Load(node("n1", "8"), pod("p", "1")); err != nil {
		t.Fatal(err)
	}
	if decision := must[bayplan.Decision](t)(silent.Decide("default/p")); len(decision.NotApplied) != 1 {
		t.Errorf("nobody asks the extender, and nothing is said: %+v", decision)
	}
	options.Extenders = func(string, []byte) ([]byte, error) { panic(errors.New("out of wires")) }
	broken := must[*bayplan.Cluster](t)(bayplan.New(options))
	defer broken.Close()
	if err := broken.Load(node("n1", "8"), pod("p", "1")); err != nil {
		t.Fatal(err)
	}
	if said := must[bayplan.Decision](t)(broken.Decide("default/p")).Message; said != "panic: out of wires" {
		t.Error(said)
	}
}

// TestExtendersAsKubeScheduler decides with extenders whose answers are those that the real kube-scheduler got: it sends the same requests, and the pods land
// where kube-scheduler put them, or wait in its words.
func TestExtendersAsKubeScheduler(t *testing.T) {
	file := func(name string) []byte {
		return must[[]byte](t)(os.ReadFile("examples/extender/testdata/" + name))
	}
	type request struct {
		Pod       struct{ Metadata struct{ Name string } }
		NodeNames []string
	}
	key := func(verb string, body []byte) string {
		var asked request
		if err := json.Unmarshal(body, &asked); err != nil {
			t.Fatal(err)
		}
		slices.Sort(asked.NodeNames)
		return fmt.Sprint(verb, " ", asked.Pod.Metadata.Name, " ", asked.NodeNames)
	}
	type outcome struct{ Case, Verb, Pod, Node, Message, Nominated string }
	answers, outcomes, at := map[string]map[string]json.RawMessage{}, map[string][]outcome{}, ""
	for _, line := range bytes.Split(bytes.TrimSpace(file("recorded.ndjson")), []byte("\n")) {
		var came struct {
			outcome
			Request, Answer json.RawMessage
		}
		if err := json.Unmarshal(line, &came); err != nil {
			t.Fatal(err)
		}
		switch {
		case came.Case != "":
			at = came.Case
			answers[at] = map[string]json.RawMessage{}
		case came.Verb != "":
			answers[at][key(came.Verb, came.Request)] = came.Answer
		default:
			outcomes[at] = append(outcomes[at], came.outcome)
		}
	}
	for _, line := range bytes.Split(bytes.TrimSpace(file("case.ndjson")), []byte("\n")) {
		var given struct {
			Name    string
			Config  any
			Objects []any
		}
		if err := json.Unmarshal(line, &given); err != nil {
			t.Fatal(err)
		}
		asked := 0
		c := must[*bayplan.Cluster](t)(bayplan.New(bayplan.Options{Configuration: given.Config, Version: "1.37",
			Extenders: func(url string, body []byte) ([]byte, error) {
				answer, ok := answers[given.Name][key(url[strings.LastIndex(url, "/")+1:], body)]
				if !ok {
					return nil, fmt.Errorf("kube-scheduler did not ask %s: %s", url, body)
				}
				asked++
				return answer, nil
			}}))
		defer c.Close()
		if err := c.Load(given.Objects...); err != nil {
			t.Fatal(err)
		}
		for _, came := range outcomes[given.Name] {
			decision := must[bayplan.Decision](t)(c.Decide(came.Pod))
			if decision.Node != came.Node || decision.Message != came.Message {
				t.Errorf("%s: %s is on %q, %q; kube-scheduler: %q, %q", given.Name, came.Pod, decision.Node, decision.Message, came.Node, came.Message)
			}
			// This extender strikes no candidate off, so that preemption comes to the same.
			if given.Name == "beside" && decision.PreemptsOn != came.Nominated {
				t.Errorf("%s: preempts on %q; kube-scheduler: %q", came.Pod, decision.PreemptsOn, came.Nominated)
			}
		}
		if least := len(answers[given.Name]) - 2; asked < least || len(outcomes[given.Name]) != 9 {
			t.Errorf("%s: %d requests for %d pods, kube-scheduler sent %d", given.Name, asked, len(outcomes[given.Name]), least)
		}
	}
}
