// Package bayplan says where kube-scheduler would place pods, and why, inside your process: no API server, microseconds a decision.
//
// A [Cluster] holds Kubernetes objects: JSON, YAML, or any value that marshals to Kubernetes JSON. It answers where a pod would go ([Cluster.Decide]), where
// workloads would land ([Cluster.Place]), how many more fit ([Cluster.Fit]), why a pod waits ([Cluster.Why]), and planners' questions ([Cluster.WhatIf]). It
// mirrors a real cluster with [Cluster.Replace], [Cluster.Observe] and [Cluster.ObserveDeleted], which an informer calls. A [Block] is the core of it for
// search loops: rows in Go memory, copied in microseconds, and no allocation in a decision.
//
// The library is linked statically from the build tree, where `make go-library` has put it. With the build tag bayplan_pkgconfig, an installed one is linked
// as pkg-config says. cgo and a C compiler are needed.
package bayplan
