package bayplan

// #include <bayplan.h>
import "C"

import (
	"context"
	"runtime/cgo"
	"unsafe"
)

// bayplanGoOn is called in long calls and says whether the context is still alive.
//
//export bayplanGoOn
func bayplanGoOn(handle unsafe.Pointer, done, all C.size_t) C.bool {
	ctx := cgo.Handle(uintptr(handle)).Value().(context.Context)
	return C.bool(ctx.Err() == nil)
}
