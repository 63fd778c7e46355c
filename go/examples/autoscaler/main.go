// An autoscaler's question: how many nodes of a shape do the pods need that wait?
//
//	go run ./examples/autoscaler DUMP NODE
//
// DUMP is what kubectl get prints, NODE the manifest of a node of the shape; $N in it becomes the number of the node.
package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	bayplan "github.com/bayplan/bayplan/go"
)

// Answer says what to buy.
type Answer struct {
	// Nodes is how many nodes of the shape are needed.
	Nodes int
	// Placed pods find a node then; Left is why each other pod waits, by its name.
	Placed int
	Left   map[string]string
	// Unsure are pods that concern a rule which is not applied, such as those that claim devices: a real scheduler may decide otherwise.
	Unsure map[string]string
}

// Need adds nodes of a shape to a copy of the cluster until all pods that wait are placed, or another node helps none of them. It costs a decision a pod, and
// one more for each that waits a round longer.
func Need(ctx context.Context, cluster *bayplan.Cluster, shape func(number int) []byte) (Answer, error) {
	answer := Answer{Left: map[string]string{}, Unsure: map[string]string{}}
	world, err := cluster.Fork()
	if err != nil {
		return answer, err
	}
	defer world.Close()
	for {
		decisions, err := world.SchedulePending(ctx, time.Now())
		if err != nil {
			return answer, err
		}
		placed := 0
		clear(answer.Left)
		for _, decision := range decisions {
			for _, rule := range decision.NotApplied {
				answer.Unsure[decision.Pod] = rule.Rule + ": " + rule.Why
			}
			if decision.Outcome == bayplan.Scheduled {
				placed++
			} else {
				answer.Left[decision.Pod] = decision.Message
			}
		}
		if answer.Nodes > 0 && placed == 0 {
			// The last node was for nothing.
			answer.Nodes--
			return answer, nil
		}
		answer.Placed += placed
		if len(answer.Left) == 0 {
			return answer, nil
		}
		answer.Nodes++
		if err := world.Load(shape(answer.Nodes)); err != nil {
			return answer, err
		}
	}
}

func run(dump, node string) error {
	objects, err := os.ReadFile(dump)
	if err != nil {
		return err
	}
	manifest, err := os.ReadFile(node)
	if err != nil {
		return err
	}
	// An autoscaler evicts nobody.
	cluster, err := bayplan.New(bayplan.Options{NoPreemption: true})
	if err != nil {
		return err
	}
	defer cluster.Close()
	if err := cluster.Load(objects); err != nil {
		return err
	}
	answer, err := Need(context.Background(), cluster, func(number int) []byte {
		return []byte(strings.ReplaceAll(string(manifest), "$N", strconv.Itoa(number)))
	})
	if err != nil {
		return err
	}
	fmt.Printf("%d nodes for %d pods\n", answer.Nodes, answer.Placed)
	for _, pod := range slices.Sorted(maps.Keys(answer.Left)) {
		fmt.Printf("%s waits even so: %s\n", pod, answer.Left[pod])
	}
	for _, pod := range slices.Sorted(maps.Keys(answer.Unsure)) {
		fmt.Printf("%s may go elsewhere, %s\n", pod, answer.Unsure[pod])
	}
	return nil
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: autoscaler DUMP NODE")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "autoscaler:", err)
		os.Exit(1)
	}
}
