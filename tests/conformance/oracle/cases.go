package main

import "encoding/json"

// Case is one line of a file of cases; ../README.md describes both formats.
type Case struct {
	Name    string            `json:"name"`
	Config  json.RawMessage   `json:"config,omitempty"`
	Objects []json.RawMessage `json:"objects"`
	Pending []string          `json:"pending"`
}

// NodeStatus says why a node was rejected; the reasons are sorted.
type NodeStatus struct {
	Plugin  string   `json:"plugin"`
	Code    string   `json:"code"`
	Reasons []string `json:"reasons"`
}

// PreFilter is the rejection of the pod as a whole.
type PreFilter struct {
	Plugin string `json:"plugin"`
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// Cand is a node on which preemption would help.
type Cand struct {
	Node          string   `json:"node"`
	Victims       []string `json:"victims"`
	PDBViolations int64    `json:"pdbViolations"`
}

// Preempt is what preemption made of a failure.
type Preempt struct {
	Message    string   `json:"message,omitempty"`
	Candidates []Cand   `json:"candidates,omitempty"`
	Best       []string `json:"best,omitempty"`
	Chosen     string   `json:"chosen,omitempty"`
	Victims    []string `json:"victims,omitempty"`
}

// Step is what the scheduler did with one pod.
type Step struct {
	Pod        string                      `json:"pod"`
	Result     string                      `json:"result"`
	Node       string                      `json:"node,omitempty"`
	PreFilter  *PreFilter                  `json:"preFilter,omitempty"`
	Filtered   map[string]NodeStatus       `json:"filtered,omitempty"`
	Feasible   []string                    `json:"feasible,omitempty"`
	Scores     map[string]map[string]int64 `json:"scores,omitempty"`
	Totals     map[string]int64            `json:"totals,omitempty"`
	Best       []string                    `json:"best,omitempty"`
	Message    string                      `json:"message,omitempty"`
	Error      string                      `json:"error,omitempty"`
	Preemption *Preempt                    `json:"preemption,omitempty"`
}

// Expect is one line of a file of answers.
type Expect struct {
	Name  string `json:"name"`
	Error string `json:"error,omitempty"`
	Steps []Step `json:"steps"`
}
