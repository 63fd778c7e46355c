package bayplan

// #include <bayplan.h>
// #include <stdint.h>
import "C"

import (
	"context"
	"runtime/cgo"
)

// bayplanGoOn is called in long calls and says whether the context is still alive.
//
//export bayplanGoOn
func bayplanGoOn(handle C.uintptr_t, done, all C.size_t) C.bool {
	ctx := cgo.Handle(handle).Value().(context.Context)
	return C.bool(ctx.Err() == nil)
}
