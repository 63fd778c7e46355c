//go:build !cgo

package bayplan

// The next line fails on purpose: this package calls a C library.
var _ = bayplan_needs_cgo__set_CGO_ENABLED_1_and_install_a_C_compiler
