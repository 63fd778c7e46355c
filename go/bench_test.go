package bayplan_test

import (
	"fmt"
	"testing"

	bayplan "github.com/bayplan/bayplan/go"
)

func fleet(b *testing.B, nodes, pods int) *bayplan.Cluster {
	b.Helper()
	var all []any
	for i := range nodes {
		all = append(all, node(fmt.Sprintf("n%05d", i), fmt.Sprint(8+i%5*8)))
	}
	for i := range pods {
		all = append(all, pod(fmt.Sprint("p", i), "250m"))
	}
	return cluster(b, all...)
}

func BenchmarkDecide(b *testing.B) {
	for _, nodes := range []int{1, 100, 5000} {
		c := fleet(b, nodes, 1)
		id := must[uint64](b)(c.PodID("default/p0"))
		ids, results := []uint64{id}, make([]bayplan.Result, 1)
		b.Run(fmt.Sprintf("%d/name", nodes), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				must[bayplan.Decision](b)(c.Decide("default/p0"))
			}
		})
		b.Run(fmt.Sprintf("%d/id", nodes), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := c.DecideIDs(ids, results, false, start); err != nil {
					b.Fatal(err)
				}
			}
		})
		rows := must[bayplan.PodRows](b)(c.PodRows("default/p0"))
		block := must[*bayplan.Block](b)(c.Block())
		b.Run(fmt.Sprintf("%d/block", nodes), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				must[bayplan.Choice](b)(block.Decide(rows))
			}
		})
		spare := must[*bayplan.Block](b)(block.Fork())
		b.Run(fmt.Sprintf("%d/fork-block", nodes), func(b *testing.B) {
			for b.Loop() {
				if err := block.CopyTo(spare); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A call of C that gives a text, and the copy of the text.
func BenchmarkCall(b *testing.B) {
	for b.Loop() {
		_ = bayplan.NotFound.Error()
	}
}

func BenchmarkDecideIDsAndBind(b *testing.B) {
	const pods = 10_000
	c := fleet(b, 5000, pods)
	ids, results := make([]uint64, pods), make([]bayplan.Result, pods)
	for at := range ids {
		ids[at] = must[uint64](b)(c.PodID(fmt.Sprint("default/p", at)))
	}
	for b.Loop() {
		fork := must[*bayplan.Cluster](b)(c.Fork())
		if err := fork.DecideIDs(ids, results, true, start); err != nil {
			b.Fatal(err)
		}
		fork.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/pods, "ns/pod")
}
