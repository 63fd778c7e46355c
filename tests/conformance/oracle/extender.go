package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/scheduler"
	"k8s.io/kubernetes/pkg/scheduler/framework"
)

// exchange is a request of kube-scheduler's to an extender, and the answer.
type exchange struct {
	Verb    string          `json:"verb"`
	Request json.RawMessage `json:"request"`
	Answer  json.RawMessage `json:"answer"`
}

// outcome is what an attempt came to: a node, or the event's words and the node that preemption nominates.
type outcome struct {
	Pod       string `json:"pod"`
	Node      string `json:"node,omitempty"`
	Message   string `json:"message,omitempty"`
	Nominated string `json:"nominated,omitempty"`
}

// extend schedules the case's pending pods, each by itself, with the extenders of its configuration, which the extender at an address answers for. What went
// over the wire is printed, and after it what each attempt came to.
func extend(c *Case, address string) {
	out := json.NewEncoder(os.Stdout)
	var wire []exchange
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request, _ := io.ReadAll(r.Body)
		answer, err := http.Post(address+r.URL.Path, r.Header.Get("Content-Type"), bytes.NewReader(request))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		body, _ := io.ReadAll(answer.Body)
		wire = append(wire, exchange{strings.TrimPrefix(r.URL.Path, "/"), request, body})
		w.WriteHeader(answer.StatusCode)
		w.Write(body)
	}))
	defer proxy.Close()
	cfg, err := decodeConfig(c.Config)
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(2)
	}
	for at := range cfg.Extenders {
		cfg.Extenders[at].URLPrefix = proxy.URL
	}
	r, err := setup(c, 1, 100, scheduler.WithExtenders(cfg.Extenders...))
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(2)
	}
	defer r.cancel()
	out.Encode(map[string]string{"case": c.Name})
	for _, key := range c.Pending {
		wire = nil
		pod := r.pods[key]
		state := framework.NewCycleState()
		if err := r.refresh(); err != nil {
			panic(err)
		}
		result, err := r.schedulePod(state, pod)
		came := outcome{Pod: key, Node: result.SuggestedHost}
		if err != nil {
			came.Message = err.Error()
			if failed, ok := err.(*framework.FitError); ok {
				found, status := r.fw.RunPostFilterPlugins(klog.NewContext(r.ctx, klog.Logger{}), state, pod, failed.Diagnosis.NodeToStatus)
				if status.IsSuccess() && found != nil && found.NominatingInfo != nil {
					came.Nominated = found.NominatingInfo.NominatedNodeName
				}
			}
		}
		for _, exchange := range wire {
			out.Encode(exchange)
		}
		out.Encode(came)
	}
}
