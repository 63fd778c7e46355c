package bayplan_test

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	bayplan "github.com/bayplan/bayplan/go"
)

// A step as the real kube-scheduler took it, see tests/conformance/README.md.
type step struct {
	Pod        string
	Result     string
	Node       string
	Feasible   []string
	Totals     map[string]int64
	Best       []string
	Filtered   map[string]struct{ Plugin string }
	Message    string
	Error      string
	Preemption *struct {
		Message    string
		Candidates []candidate
		Best       []string
		Chosen     string
		Victims    []string
	}
}

type candidate struct {
	Node          string
	Victims       []string
	PdbViolations int `json:"pdbViolations"`
}

func lines(t *testing.T, path string, each func([]byte)) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	scanner := bufio.NewScanner(plain)
	scanner.Buffer(nil, 256<<20)
	for scanner.Scan() {
		each(slices.Clone(scanner.Bytes()))
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
}

// Whether the scheduler takes the pod again after it preempted others for it.
func (s *step) retries() bool { return s.Preemption != nil && s.Preemption.Chosen != "" }

type vector struct {
	Name    string
	Config  json.RawMessage
	Objects []json.RawMessage
}

type answers struct {
	Name  string
	Steps []step
}

// What differs between a decision and the real one.
func differs(c *bayplan.Cluster, s *step, nominated string) (string, error) {
	decision, err := c.Decide(s.Pod)
	if err != nil {
		return "", err
	}
	if len(decision.NotApplied) > 0 {
		return fmt.Sprintf("not applied: %v", decision.NotApplied), nil
	}
	if got := decision.Outcome.String(); got != s.Result {
		return fmt.Sprintf("%s, expected %s", got, s.Result), nil
	}
	if want := s.Message + s.Error; decision.Message != want {
		return fmt.Sprintf("message %q, expected %q", decision.Message, want), nil
	}
	if s.Result == "Scheduled" {
		score, ties := int64(0), 1
		// Neither the only feasible node nor the nominated one is scored: it is taken.
		if len(s.Feasible) > 1 && s.Node != nominated {
			score, ties = s.Totals[s.Best[0]], len(s.Best)
		}
		if decision.Score != score || decision.Ties != ties || decision.Feasible != len(s.Feasible) || !slices.Contains(append(s.Best, s.Node), decision.Node) {
			return fmt.Sprintf("%+v, expected %s of %v, score %d, %d feasible", decision, s.Node, s.Best, score, len(s.Feasible)), nil
		}
	}
	preemption := s.Preemption
	if preemption == nil {
		if decision.PreemptsOn+decision.PreemptionMessage != "" {
			return fmt.Sprintf("preempts on %q", decision.PreemptsOn), nil
		}
		return "", nil
	}
	if decision.PreemptionMessage != preemption.Message || decision.PreemptsOn != preemption.Chosen || !slices.Equal(decision.Victims, preemption.Victims) {
		return fmt.Sprintf("preemption %q on %q of %v, expected %+v", decision.PreemptionMessage, decision.PreemptsOn, decision.Victims, *preemption), nil
	}
	document, err := c.PreemptDryRun(s.Pod)
	if err != nil {
		return "", err
	}
	var weighed struct {
		Candidates []struct {
			Node       string
			Victims    []string
			Violations int
		}
		Best []string
	}
	if err := json.Unmarshal(document, &weighed); err != nil {
		return "", err
	}
	found := make([]candidate, len(weighed.Candidates))
	for at, one := range weighed.Candidates {
		found[at] = candidate{one.Node, one.Victims, one.Violations}
	}
	if fmt.Sprint(found) != fmt.Sprint(preemption.Candidates) || !slices.Equal(weighed.Best, preemption.Best) {
		return fmt.Sprintf("candidates %v, best %v, expected %v, %v", found, weighed.Best, preemption.Candidates, preemption.Best), nil
	}
	return "", nil
}

// Plays a case; how many steps it had.
func play(version string, v *vector, expected *answers) (int, error) {
	options := bayplan.Options{Version: version, Live: true}
	if len(v.Config) > 0 && string(v.Config) != "null" {
		options.Configuration = v.Config
	}
	c, err := bayplan.New(options)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	objects, nominated := make([]any, len(v.Objects)), map[string]string{}
	for at, object := range v.Objects {
		objects[at] = object
		var pod struct {
			Kind     string
			Metadata struct{ Namespace, Name string }
			Status   struct{ NominatedNodeName string }
		}
		if err := json.Unmarshal(object, &pod); err == nil && pod.Kind == "Pod" {
			nominated[cmp.Or(pod.Metadata.Namespace, "default")+"/"+pod.Metadata.Name] = pod.Status.NominatedNodeName
		}
	}
	if err := c.Load(objects...); err != nil {
		return 0, err
	}
	bound, retried := int64(0), false
	for at := range expected.Steps {
		s := &expected.Steps[at]
		difference, err := differs(c, s, nominated[s.Pod])
		if err == nil && difference != "" {
			err = fmt.Errorf("%s", difference)
		}
		if err == nil && s.Result == "Scheduled" {
			bound++
			// As the oracle: a second apart.
			err = c.Bind(s.Pod, s.Node, time.Unix(1_700_000_000+bound, 0))
		}
		if err == nil && s.Preemption != nil {
			for _, victim := range s.Preemption.Victims {
				if err = c.Evict(victim); err != nil {
					break
				}
			}
			if err == nil && s.retries() && !retried {
				err = c.Nominate(s.Pod, s.Preemption.Chosen)
				nominated[s.Pod] = s.Preemption.Chosen
			}
		}
		if err != nil {
			return at, fmt.Errorf("%s, step %d, %s: %w", v.Name, at, s.Pod, err)
		}
		retried = s.retries() && !retried
	}
	return len(expected.Steps), nil
}

// TestVectors plays every committed vector of every version through the C interface and Go: what the real kube-scheduler decided, word for word.
func TestVectors(t *testing.T) {
	if testing.Short() {
		t.Skip("minutes")
	}
	const folder = "../tests/conformance/vectors"
	versions := strings.Split(cmp.Or(os.Getenv("BAYPLAN_VERSIONS"), "1.34 1.35 1.36 1.37"), " ")
	categories, err := filepath.Glob(folder + "/*/cases.ndjson.gz")
	if err != nil || len(categories) < 20 {
		t.Fatal(categories, err)
	}
	steps := map[string]int{}
	for _, path := range categories {
		cases := map[string]*vector{}
		lines(t, path, func(line []byte) {
			var one vector
			if err := json.Unmarshal(line, &one); err != nil {
				t.Fatal(err)
			}
			cases[one.Name] = &one
		})
		for _, version := range versions {
			var all []*answers
			lines(t, filepath.Join(filepath.Dir(path), version+".ndjson.gz"), func(line []byte) {
				var one answers
				if err := json.Unmarshal(line, &one); err != nil {
					t.Fatal(err)
				}
				all = append(all, &one)
			})
			var group sync.WaitGroup
			var mutex sync.Mutex
			failed := 0
			queue := make(chan *answers)
			for range runtime.GOMAXPROCS(0) {
				group.Add(1)
				go func() {
					defer group.Done()
					for expected := range queue {
						count, err := play(version, cases[expected.Name], expected)
						mutex.Lock()
						steps[version] += count
						if err != nil {
							if failed++; failed <= 3 {
								t.Errorf("%s %s: %v", filepath.Base(filepath.Dir(path)), version, err)
							}
						}
						mutex.Unlock()
					}
				}()
			}
			for _, expected := range all {
				queue <- expected
			}
			close(queue)
			group.Wait()
		}
	}
	for _, version := range slices.Sorted(maps.Keys(steps)) {
		if steps[version] < 12_000 {
			t.Errorf("%s: only %d steps", version, steps[version])
		}
		t.Logf("%s: %d steps as the real scheduler took them", version, steps[version])
	}
}
