//go:build cgo && bayplan_pkgconfig

package bayplan

// #cgo pkg-config: bayplan bayplan-core
import "C"
