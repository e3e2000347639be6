package router

import "fmt"

// Unroutable is a value that no output takes: its index, the reason, and where in the value that shows.
type Unroutable struct{ Index, Reason, ByteOffset uint32 }

// Refusal is a status of the core, and for a fault in a rule the byte offset in its text.
type Refusal struct{ Status, RuleOffset uint32 }

func (r Refusal) Error() string { return fmt.Sprintf("the core's status is %d", r.Status) }

func (c core) check(status uint32) error {
	if status != 0 {
		return Refusal{status, c.call("faultOffset")}
	}
	return nil
}

// Output returns an output's values.
func (r Router) Output(index int) (values [][]byte) {
	arena, ends, start := r.call("outputAddress", index), r.call("outputEndsAddress", index), uint32(0)
	for i := range r.call("outputValueCount", index) {
		end := r.word(ends + 4*i)
		value, _ := r.Memory().Read(arena+start, end-start)
		values, start = append(values, append([]byte{}, value...)), end
	}
	return values
}

// Unroutable returns the values that no output takes.
func (r Router) Unroutable() (values []Unroutable) {
	for i := range r.call("unroutableCount") {
		entry := r.call("unroutableAddress") + 16*i
		values = append(values, Unroutable{r.word(entry), r.word(entry + 4), r.word(entry + 8)})
	}
	return values
}
