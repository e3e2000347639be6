package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"example.com/router"
)

func main() {
	wasm, err := os.ReadFile("core.wasm")
	if err != nil {
		log.Fatal(err)
	}
	r, err := router.New(context.Background(), wasm, "")
	if err != nil {
		log.Fatal(err)
	}
	if err := r.Route([][]byte{[]byte("11/21/26 03:51:06"), []byte("11/21/26 03:51:07"), []byte("no time")}); err != nil {
		log.Fatal(err)
	}
	for index, name := range []string{"even", "odd"} {
		for _, value := range r.Output(index) {
			fmt.Printf("%s: %s\n", name, value)
		}
	}
	for _, value := range r.Unroutable() {
		fmt.Printf("unroutable: value %d for reason %d\n", value.Index, value.Reason)
	}
}
