// Package router routes values by the core in wazero. The core's binary interface, docs/abi.md, says what each call does.
package router

import (
	"context"
	"errors"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

type core struct{ api.Module }

func instantiate(ctx context.Context, wasm []byte) (core, error) {
	module, err := wazero.NewRuntime(ctx).Instantiate(ctx, wasm)
	if err == nil && (core{module}).call("abiVersion") != 1 {
		err = errors.New("a core of another ABI version")
	}
	return core{module}, err
}

// call calls an export; no input makes one trap.
func (c core) call(name string, arguments ...int) uint32 {
	stack := [3]uint64{}
	for i, argument := range arguments {
		stack[i] = uint64(argument)
	}
	if err := c.ExportedFunction(name).CallWithStack(context.Background(), stack[:]); err != nil {
		panic(err)
	}
	return uint32(stack[0])
}

func (c core) word(address uint32) uint32 {
	word, _ := c.Memory().ReadUint32Le(address)
	return word
}
