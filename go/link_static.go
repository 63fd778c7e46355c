//go:build cgo && !bayplan_pkgconfig

package bayplan

// #cgo CFLAGS: -I${SRCDIR}/../target/go/include
// #cgo LDFLAGS: ${SRCDIR}/../target/go/lib/libbayplan.a ${SRCDIR}/../target/go/lib/libbayplan_core.a -lutil -lrt -lpthread -lm -ldl
import "C"
