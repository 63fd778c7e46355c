// An extender of kube-scheduler: it is asked over HTTP which nodes will do for a pod, how good they are, and which pods a preemption evicts.
//
//	go run ./examples/extender DUMP [ADDRESS]
//
// DUMP is what kubectl get prints; a real one would feed an informer's events to the mirror (Observe, ObserveDeleted). In the scheduler's configuration:
//
//	extenders:
//	- urlPrefix: http://127.0.0.1:8888
//	  filterVerb: filter
//	  prioritizeVerb: prioritize
//	  preemptVerb: preempt
//	  weight: 1
//	  nodeCacheCapable: true
//	  ignorable: true
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"

	bayplan "github.com/bayplan/bayplan/go"
)

// Requests and answers, with the names that k8s.io/kube-scheduler/extender/v1 gives them in JSON.
type (
	args struct {
		Pod       json.RawMessage
		Nodes     *struct{ Items []meta }
		NodeNames *[]string
	}
	meta struct {
		Metadata struct{ Name, Namespace, UID string }
	}
	filterResult struct {
		NodeNames                  *[]string
		FailedNodes                map[string]string
		FailedAndUnresolvableNodes map[string]string
		Error                      string
	}
	hostPriority struct {
		Host  string
		Score int64
	}
	preemptArgs struct {
		Pod                   json.RawMessage
		NodeNameToVictims     map[string]victims
		NodeNameToMetaVictims map[string]victims
	}
	victims struct {
		Pods             []json.RawMessage
		NumPDBViolations int64
	}
	preemptResult struct{ NodeNameToMetaVictims map[string]victims }
)

// The most that an extender may give a node.
const maxPriority = 10

// Extender answers from a mirror of the cluster.
type Extender struct{ mirror *bayplan.Cluster }

// world is a copy of the mirror with the pod of a request, and the pod's name.
func (e *Extender) world(pod json.RawMessage) (*bayplan.Cluster, string, error) {
	var named meta
	if err := json.Unmarshal(pod, &named); err != nil {
		return nil, "", err
	}
	world, err := e.mirror.Fork()
	if err != nil {
		return nil, "", err
	}
	if _, err := world.Observe(kinded(pod)); err != nil {
		world.Close()
		return nil, "", err
	}
	return world, named.Metadata.Namespace + "/" + named.Metadata.Name, nil
}

// kinded gives a pod of a request its kind: values inside others have none.
func kinded(pod json.RawMessage) any {
	fields := map[string]json.RawMessage{}
	if json.Unmarshal(pod, &fields) != nil {
		return pod
	}
	fields["apiVersion"], fields["kind"] = json.RawMessage(`"v1"`), json.RawMessage(`"Pod"`)
	return fields
}

// results says what the nodes come to, by name.
func (e *Extender) results(pod json.RawMessage) (map[string]bayplan.NodeResult, error) {
	world, name, err := e.world(pod)
	if err != nil {
		return nil, err
	}
	defer world.Close()
	results, err := world.Evaluate(name)
	if err != nil {
		return nil, err
	}
	all := make(map[string]bayplan.NodeResult, len(results))
	for _, result := range results {
		node, err := world.NodeOfRow(result.Node)
		if err != nil {
			return nil, err
		}
		all[node] = result
	}
	return all, nil
}

// asked gives the nodes that a request is about.
func (a *args) asked() []string {
	if a.NodeNames != nil {
		return *a.NodeNames
	}
	var names []string
	if a.Nodes != nil {
		for _, node := range a.Nodes.Items {
			names = append(names, node.Metadata.Name)
		}
	}
	return names
}

// isNotOurs says that an extender had better keep out of it: a rule concerns the pod that is not applied here, or the pod is of another scheduler or profile, or
// the mirror has it on a node.
func isNotOurs(err error) bool {
	return errors.Is(err, bayplan.Unsupported) || errors.Is(err, bayplan.Conflict)
}

func (e *Extender) filter(request *args) any {
	answer := filterResult{NodeNames: &[]string{}, FailedNodes: map[string]string{}, FailedAndUnresolvableNodes: map[string]string{}}
	if request.NodeNames == nil {
		return filterResult{Error: "this extender has nodes of its own: set nodeCacheCapable: true"}
	}
	results, err := e.results(request.Pod)
	if isNotOurs(err) {
		return filterResult{NodeNames: request.NodeNames}
	}
	if err != nil {
		return filterResult{Error: err.Error()}
	}
	for _, node := range request.asked() {
		switch result, known := results[node]; {
		case !known:
			answer.FailedNodes[node] = "bayplan: the mirror has no such node yet"
		case result.Feasible:
			*answer.NodeNames = append(*answer.NodeNames, node)
		case result.Unresolvable:
			answer.FailedAndUnresolvableNodes[node] = "bayplan: rejected"
		default:
			answer.FailedNodes[node] = "bayplan: rejected"
		}
	}
	return answer
}

func (e *Extender) prioritize(request *args) (any, error) {
	results, err := e.results(request.Pod)
	if err != nil && !isNotOurs(err) {
		return nil, err
	}
	names := request.asked()
	least, most := int64(0), int64(0)
	for at, name := range names {
		total := results[name].Total
		if at == 0 || total < least {
			least = total
		}
		if at == 0 || total > most {
			most = total
		}
	}
	list := make([]hostPriority, 0, len(names))
	for _, name := range names {
		score := int64(maxPriority)
		if most > least {
			score = (results[name].Total - least) * maxPriority / (most - least)
		}
		list = append(list, hostPriority{name, score})
	}
	return list, nil
}

// preempt keeps those candidates of the scheduler on which preemption helps here too. The victims stay the scheduler's.
func (e *Extender) preempt(request *preemptArgs) (any, error) {
	world, name, err := e.world(request.Pod)
	if err != nil {
		return nil, err
	}
	defer world.Close()
	document, err := world.PreemptDryRun(name)
	if err != nil {
		return nil, err
	}
	var weighed struct{ Candidates []struct{ Node string } }
	if err := json.Unmarshal(document, &weighed); err != nil {
		return nil, err
	}
	answer := preemptResult{map[string]victims{}}
	for _, candidate := range weighed.Candidates {
		if given, ok := request.NodeNameToMetaVictims[candidate.Node]; ok {
			answer.NodeNameToMetaVictims[candidate.Node] = given
		} else if given, ok := request.NodeNameToVictims[candidate.Node]; ok {
			// The scheduler asks with whole pods, and is answered with their uids.
			kept := victims{NumPDBViolations: given.NumPDBViolations}
			for _, pod := range given.Pods {
				var named meta
				if err := json.Unmarshal(pod, &named); err != nil {
					return nil, err
				}
				kept.Pods = append(kept.Pods, json.RawMessage(fmt.Sprintf(`{"UID":%q}`, named.Metadata.UID)))
			}
			answer.NodeNameToMetaVictims[candidate.Node] = kept
		}
	}
	return answer, nil
}

// Handler serves the verbs.
func (e *Extender) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /filter", answer(func(request *args) (any, error) { return e.filter(request), nil }))
	mux.HandleFunc("POST /prioritize", answer(e.prioritize))
	mux.HandleFunc("POST /preempt", answer(e.preempt))
	return mux
}

func answer[Request any](reply func(*Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var request Request
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		reply, err := reply(&request)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(reply)
	}
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: extender DUMP [ADDRESS]")
		os.Exit(2)
	}
	dump, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	mirror, err := bayplan.New(bayplan.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := mirror.Load(dump); err != nil {
		log.Fatal(err)
	}
	address := "127.0.0.1:8888"
	if len(os.Args) > 2 {
		address = os.Args[2]
	}
	log.Println("listening on", address)
	log.Fatal(http.ListenAndServe(address, (&Extender{mirror}).Handler()))
}
