// Command oracle asks the real kube-scheduler what it does with each case: every verdict, score, message and victim.
//
// It runs the scheduler's own framework, plugins and cache in this process, on a fake API server. build.sh builds it for one
// version of Kubernetes, with the module file and the build tag of that version.
//
//	oracle < cases.ndjson > answers.ndjson
//	oracle -bench [-par N] [-pct N] < one_case.ndjson
//	oracle -extender http://127.0.0.1:8888 < cases.ndjson > recorded.ndjson
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"sort"
	"sync"

	"k8s.io/klog/v2"
)

func main() {
	par := flag.Int("par", 1, "with -bench: parallelism of the scheduler")
	pct := flag.Int("pct", 100, "with -bench: percentageOfNodesToScore")
	doBench := flag.Bool("bench", false, "measure SchedulePod instead of printing answers")
	extender := flag.String("extender", "", "the address of an extender that the configuration's extenders are sent to; print what went over the wire")
	workers := flag.Int("workers", 8, "cases played at a time")
	flag.Parse()
	klog.SetLogger(klog.Logger{}) // says nothing: what matters is in the answers
	runtime.GOMAXPROCS(2)

	dec := json.NewDecoder(bufio.NewReaderSize(os.Stdin, 1<<20))
	var mu sync.Mutex
	var results []Expect
	var wg sync.WaitGroup
	sem := make(chan struct{}, *workers)
	for {
		c := &Case{}
		if err := dec.Decode(c); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			fmt.Fprintln(os.Stderr, "oracle: standard input:", err)
			os.Exit(2)
		}
		if *extender != "" {
			extend(c, *extender)
			continue
		}
		if *doBench {
			bench(c, *par, int32(*pct))
			continue
		}
		wg.Add(1)
		sem <- struct{}{}
		go func() {
			defer wg.Done()
			defer func() { <-sem }()
			e := runCase(c)
			mu.Lock()
			results = append(results, e)
			mu.Unlock()
		}()
	}
	wg.Wait()
	sort.Slice(results, func(i, j int) bool { return results[i].Name < results[j].Name })

	out := bufio.NewWriter(os.Stdout)
	enc := json.NewEncoder(out)
	for _, e := range results {
		if err := enc.Encode(e); err != nil {
			fmt.Fprintln(os.Stderr, "oracle:", err)
			os.Exit(2)
		}
	}
	if err := out.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(2)
	}
}
