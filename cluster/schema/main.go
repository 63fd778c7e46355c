// Prints the fields of Kubernetes' API types, one type a line, as `cluster/src/api/schema.rs` reads them.
// generate.sh runs it.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
)

// The kinds that a server of this version can serve, as its OpenAPI document names them.
type swagger struct {
	Definitions map[string]struct {
		GVK []struct{ Group, Version, Kind string } `json:"x-kubernetes-group-version-kind"`
	}
	Paths map[string]json.RawMessage
}

var types = map[string]reflect.Type{}

func main() {
	var doc swagger
	text, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = json.Unmarshal(text, &doc)
	}
	if err != nil {
		panic(err)
	}
	served, scoped := map[string]bool{}, map[string]bool{}
	for _, d := range doc.Definitions {
		for _, k := range d.GVK {
			served[k.Group+"/"+k.Version+" "+k.Kind] = true
		}
	}
	for path, raw := range doc.Paths {
		var ops map[string]json.RawMessage
		if json.Unmarshal(raw, &ops) != nil || ops["post"] == nil || !strings.Contains(path, "/namespaces/{namespace}/") {
			continue
		}
		var post struct {
			GVK struct{ Group, Version, Kind string } `json:"x-kubernetes-group-version-kind"`
		}
		if json.Unmarshal(ops["post"], &post) == nil {
			scoped[post.GVK.Group+"/"+post.GVK.Version+" "+post.GVK.Kind] = true
		}
	}
	var kinds []string
	for gvk, t := range scheme.Scheme.AllKnownTypes() {
		key := gvk.Group + "/" + gvk.Version + " " + gvk.Kind
		pkg := t.PkgPath()
		if !served[key] || strings.HasSuffix(gvk.Kind, "List") || !strings.HasPrefix(pkg, "k8s.io/api/") {
			continue
		}
		scope := "cluster"
		if scoped[key] {
			scope = "namespaced"
		}
		kinds = append(kinds, fmt.Sprintf("kind %s %s %s %s", gvk.GroupVersion(), gvk.Kind, scope, name(t)))
		visit(t)
	}
	sort.Strings(kinds)
	for _, k := range kinds {
		fmt.Println(k)
	}
	var names []string
	for n := range types {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		fmt.Println("type", n, strings.Join(fields(types[n]), " "))
	}
}

func name(t reflect.Type) string {
	pkg := strings.TrimPrefix(strings.TrimPrefix(t.PkgPath(), "k8s.io/api/"), "k8s.io/apimachinery/pkg/apis/")
	return pkg + "." + t.Name()
}

func visit(t reflect.Type) {
	if _, ok := types[name(t)]; ok {
		return
	}
	types[name(t)] = t
	fields(t)
}

func fields(t reflect.Type) []string {
	var out []string
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == "-" || (!f.IsExported() && !f.Anonymous) {
			continue
		}
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if f.Anonymous && tag == "" && inner.Kind() == reflect.Struct {
			out = append(out, fields(inner)...)
			continue
		}
		if tag == "" {
			tag = f.Name
		}
		mark := ""
		if f.Type.Kind() == reflect.Pointer {
			mark += "*"
		}
		if strings.Contains(rest, "omitempty") || strings.Contains(rest, "omitzero") {
			mark += "?"
		}
		out = append(out, tag+mark+":"+kind(f.Type, f.Tag.Get("patchMergeKey")))
	}
	return out
}

func kind(t reflect.Type, mergeKey string) string {
	switch reflect.New(t).Interface().(type) {
	case *resource.Quantity:
		return "q"
	case *metav1.Time:
		return "t"
	case *metav1.MicroTime:
		return "T"
	case *metav1.Duration:
		return "d"
	case *intstr.IntOrString:
		return "o"
	case *runtime.RawExtension, *metav1.FieldsV1:
		return "x"
	}
	if t.Name() != "" && t.PkgPath() != "" && t.Kind() != reflect.Struct {
		return plain(t, mergeKey) + "(" + t.String() + ")"
	}
	return plain(t, mergeKey)
}

func plain(t reflect.Type, mergeKey string) string {
	switch t.Kind() {
	case reflect.Pointer:
		return kind(t.Elem(), mergeKey)
	case reflect.String:
		return "s"
	case reflect.Bool:
		return "b"
	case reflect.Int32:
		return "i"
	case reflect.Int64, reflect.Int:
		return "l"
	case reflect.Float64, reflect.Float32:
		return "f"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "y"
		}
		if mergeKey != "" {
			mergeKey += "|"
		}
		return "[" + mergeKey + kind(t.Elem(), "")
	case reflect.Map:
		return "{" + kind(t.Elem(), "")
	case reflect.Struct:
		visit(t)
		return "@" + name(t)
	}
	return "x"
}
