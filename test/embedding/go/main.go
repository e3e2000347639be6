// Answers requests, a line each, by the router of the documentation.
package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"example.com/router"
)

func bytesOf(text string) []byte {
	if text == "null" {
		return nil
	}
	bytes, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return bytes
}

func answer(wasm []byte, request string) string {
	words := strings.Split(request, " ")[1:]
	values := [][]byte{}
	for _, word := range words[1:] {
		values = append(values, bytesOf(word))
	}
	r, err := router.New(context.Background(), wasm, string(bytesOf(words[0])))
	if err == nil {
		err = r.Route(values)
	}
	if refusal, is := err.(router.Refusal); is {
		return fmt.Sprintf("!%d:%d", refusal.Status, refusal.RuleOffset)
	} else if err != nil {
		panic(err)
	}
	outputs, err := r.ExportedFunction("outputCount").Call(context.Background())
	if err != nil {
		panic(err)
	}
	items := []string{}
	for index := range int(outputs[0]) {
		for _, value := range r.Output(index) {
			items = append(items, fmt.Sprintf("%d=%x", index, value))
		}
	}
	for _, value := range r.Unroutable() {
		items = append(items, fmt.Sprintf("?%d:%d:%d", value.Index, value.Reason, value.ByteOffset))
	}
	return strings.Join(items, " ")
}

func main() {
	wasm, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	requests := bufio.NewReader(os.Stdin)
	for {
		line, err := requests.ReadString('\n')
		if err != nil {
			return
		}
		fmt.Println(answer(wasm, strings.TrimSuffix(line, "\n")))
	}
}
