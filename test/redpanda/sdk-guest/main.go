// A guest that is Redpanda's own SDK and as little else as can be. It reads and writes records, talks to WASI through Go's runtime, and so
// judges a host that was not made with it in mind. The variable DO says what it does with each record.
package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/redpanda-data/redpanda/src/transform-sdk/go/transform"
)

func main() {
	transform.OnRecordWritten(onRecord)
}

func onRecord(event transform.WriteEvent, writer transform.RecordWriter) error {
	record := event.Record()
	switch os.Getenv("DO") {
	case "copy":
		return writer.Write(record)
	case "tee":
		return tee(record, writer)
	case "stray":
		return writer.Write(record, transform.ToTopic("nowhere"))
	case "look":
		return writer.Write(transform.Record{Value: []byte(fmt.Sprintf(
			"%s %s now=%d time=%d offset=%d",
			os.Args, os.Getenv("REDPANDA_INPUT_TOPIC"), time.Now().UnixMilli(), record.Timestamp.UnixMilli(), record.Offset,
		))})
	case "log":
		fmt.Printf("value %s\n", record.Value)
		return nil
	default:
		return errors.New("there is nothing to do")
	}
}

// Writes a record to each topic that was deployed.
func tee(record transform.Record, writer transform.RecordWriter) error {
	for index := 0; ; index++ {
		topic, found := os.LookupEnv(fmt.Sprintf("REDPANDA_OUTPUT_TOPIC_%d", index))
		if !found {
			return nil
		}
		if err := writer.Write(record, transform.ToTopic(topic)); err != nil {
			return err
		}
	}
}
