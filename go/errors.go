package bayplan

// #include <bayplan.h>
import "C"

import (
	"context"
	"unsafe"
)

// Status is what a call that failed came to. It is an error itself, to be compared with errors.Is.
type Status uint32

// What calls fail with.
const (
	// InvalidArgument is an argument that cannot be: too long, or not UTF-8.
	InvalidArgument = Status(C.BAYPLAN_INVALID_ARGUMENT)
	// InvalidInput is input that is wrong: not JSON or YAML, or an object with a field that is not legal.
	InvalidInput = Status(C.BAYPLAN_INVALID_INPUT)
	// NotFound is a name of nothing that exists.
	NotFound = Status(C.BAYPLAN_NOT_FOUND)
	// InvalidConfiguration is a scheduler's configuration or a version that is wrong.
	InvalidConfiguration = Status(C.BAYPLAN_INVALID_CONFIGURATION)
	// Full is a table without room.
	Full = Status(C.BAYPLAN_FULL)
	// Unsupported is legal input that asks for something that is not supported.
	Unsupported = Status(C.BAYPLAN_UNSUPPORTED)
	// Internal is a fault of the library. The cluster that it happened to can only be closed.
	Internal = Status(C.BAYPLAN_INTERNAL)
	// Stopped is a call whose context is done.
	Stopped = Status(C.BAYPLAN_STOPPED)
	// TooManyPods is a workload that asks for more pods than Options.MaxPods.
	TooManyPods = Status(C.BAYPLAN_TOO_MANY_PODS)
	// NoMemory is a table or an input too large for the memory that there is.
	NoMemory = Status(C.BAYPLAN_NO_MEMORY)
	// Conflict is a state that does not allow it: the pod is on a node already, or on none, or has run to its end.
	Conflict = Status(C.BAYPLAN_CONFLICT)
	// Misuse is a cluster that two threads are in.
	Misuse = Status(C.BAYPLAN_MISUSE)
	// PluginFailed is a plugin of the caller's own that failed.
	PluginFailed = Status(C.BAYPLAN_PLUGIN)
)

// Error gives the name of the status, as "NOT_FOUND".
func (s Status) Error() string {
	return C.GoString(C.bayplan_status_name(C.bayplan_status_t(s)))
}

// Error is why a call failed, with its parts; those that it does not have are "".
type Error struct {
	// Status says what kind of failure it is: errors.Is(err, bayplan.NotFound).
	Status Status
	// Message is the whole sentence.
	Message string
	// Object is the object that is wrong, as "Pod shop/web-1".
	Object string
	// Field is the field that is wrong, as "spec.containers[0].name".
	Field string
	// Problem is what is wrong, without where.
	Problem string
	// Hint says what to do about it.
	Hint string
	// Source is the input that it is in.
	Source string

	cause error
}

// Error gives the whole sentence.
func (e *Error) Error() string { return "bayplan: " + e.Message }

// Is says whether the error is of a status.
func (e *Error) Is(target error) bool {
	status, ok := target.(Status)
	return ok && status == e.Status
}

// Unwrap gives the context's error where the call was stopped by it.
func (e *Error) Unwrap() error { return e.cause }

// take makes an error of a status and the library's error, which it frees.
func take(status C.bayplan_status_t, err *C.bayplan_error_t) error {
	if status == C.BAYPLAN_OK {
		return nil
	}
	defer C.bayplan_error_free(err)
	part := func(which C.uint32_t) string { return goString(C.bayplan_error_part(err, which)) }
	return &Error{
		Status:  Status(status),
		Message: part(C.BAYPLAN_ERROR_MESSAGE),
		Object:  part(C.BAYPLAN_ERROR_OBJECT),
		Field:   part(C.BAYPLAN_ERROR_FIELD),
		Problem: part(C.BAYPLAN_ERROR_PROBLEM),
		Hint:    part(C.BAYPLAN_ERROR_HINT),
		Source:  part(C.BAYPLAN_ERROR_SOURCE),
	}
}

// because adds the context's error to one of a call that was stopped.
func because(ctx context.Context, err error) error {
	if e, ok := err.(*Error); ok && e.Status == Stopped {
		e.cause = ctx.Err()
	}
	return err
}

// goString copies a text of the library.
func goString(text C.bayplan_string_t) string {
	return string(unsafe.Slice((*byte)(unsafe.Pointer(text.data)), int(text.length)))
}

// zeroEnded is a text for C: Go memory, which C reads during a call alone.
func zeroEnded(text string) (*C.char, error) {
	buffer := make([]byte, len(text)+1)
	copy(buffer, text)
	for _, one := range buffer[:len(text)] {
		if one == 0 {
			return nil, &Error{Status: InvalidArgument, Message: "a name has a zero byte in it: " + text, Problem: "a name has a zero byte in it"}
		}
	}
	return (*C.char)(unsafe.Pointer(&buffer[0])), nil
}

// bytesOf is a text with its length for C; none is null and 0.
func bytesOf(data []byte) (*C.char, C.size_t) {
	return (*C.char)(unsafe.Pointer(unsafe.SliceData(data))), C.size_t(len(data))
}
