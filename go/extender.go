package bayplan

// #include <bayplan.h>
// #include <stdint.h>
// #include <stdlib.h>
import "C"

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"runtime/cgo"
	"unsafe"
)

// PostFunc carries the requests of the configuration's extenders: it posts a body, JSON, to a URL, and gives the answer's body where the answer's status is
// 200; pods and nodes have the fields that decisions look at, and no others. Filter and prioritize are asked, with weights, managed resources, nodeCacheCapable and ignorable as kube-scheduler honours them; preemption does not
// ask extenders, which decisions then say. It may be called from several goroutines, when forks are asked at the same time, and must not use a cluster.
type PostFunc func(url string, body []byte) ([]byte, error)

// HTTPExtenders carries requests by HTTP, as kube-scheduler does. The client has the timeout (kube-scheduler's is 5 seconds) and the certificates: the configuration's
// httpTimeout and tlsConfig are not looked at.
func HTTPExtenders(client *http.Client) PostFunc {
	return func(url string, body []byte) ([]byte, error) {
		answer, err := client.Post(url, "application/json", bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			at := bytes.LastIndexByte([]byte(url), '/')
			return nil, fmt.Errorf("failed %v with extender at URL %v, code %v", url[at+1:], url, answer.StatusCode)
		}
		return io.ReadAll(answer.Body)
	}
}

// post keeps a function for C; 0 for none.
func (p *plugins) post(post PostFunc) cgo.Handle {
	if post == nil {
		return 0
	}
	handle := cgo.NewHandle(post)
	p.handles = append(p.handles, handle)
	return handle
}

//export bayplanGoPost
func bayplanGoPost(handle C.uintptr_t, url, body *C.char, length C.size_t, reply *C.bayplan_reply_t) (told C.bool) {
	fail := func(words string) C.bool {
		text := C.CString(words)
		defer C.free(unsafe.Pointer(text))
		C.bayplan_reply_fail(reply, text, C.size_t(len(words)))
		return false
	}
	defer func() {
		if panicked := recover(); panicked != nil {
			told = fail(fmt.Sprint("panic: ", panicked))
		}
	}()
	post := cgo.Handle(handle).Value().(PostFunc)
	answer, err := post(C.GoString(url), C.GoBytes(unsafe.Pointer(body), C.int(length)))
	if err != nil {
		return fail(err.Error())
	}
	if len(answer) > 0 {
		C.bayplan_reply_write(reply, (*C.char)(unsafe.Pointer(&answer[0])), C.size_t(len(answer)))
	}
	return true
}
