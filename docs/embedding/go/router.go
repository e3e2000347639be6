package router

import (
	"context"
	"encoding/binary"
)

// Router is one instance of the core with one rule, for one goroutine.
type Router struct{ core }

// New takes the bytes of core.wasm and rule text.
func New(ctx context.Context, wasm []byte, rule string) (Router, error) {
	core, err := instantiate(ctx, wasm)
	if err != nil {
		return Router{}, err
	}
	core.Memory().WriteString(core.call("ruleAddress"), rule[:min(len(rule), 16384)]) // what is longer is refused by its length alone
	return Router{core}, core.check(core.call("configure", len(rule)))
}

// Route routes values, nil for a tombstone, in one call. What became of them can be read until the next one.
func (r Router) Route(values [][]byte) error {
	var data, table []byte
	for _, value := range values {
		length := uint32(len(value))
		if value == nil {
			length = 0xffffffff
		}
		table = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(table, uint32(len(data))), length)
		data = append(data, value...)
	}
	outputBytes := len(data) + 255*len(values) // a prefix has at most 255 bytes
	if err := r.check(r.call("reserve", len(data), outputBytes, len(values))); err != nil {
		return err
	}
	r.Memory().Write(r.call("inputAddress"), data)
	r.Memory().Write(r.call("valueTableAddress"), table)
	return r.check(r.call("routeValues", 0, len(values)))
}
