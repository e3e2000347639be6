// Routes timestamps with franz-go. Arguments: bootstrap, input, even, odd, group, and at-least-once or exactly-once.
package main

import (
	"context"
	"log"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	commitInterval      = time.Second
	transactionInterval = 100 * time.Millisecond
)

var evenPrefix, oddPrefix = []byte("Even timestamp: "), []byte("Odd timestamp:")

func main() {
	bootstrap, input, even, odd, group := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]
	options := []kgo.Opt{
		kgo.SeedBrokers(bootstrap),
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(input),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.FetchMaxPartitionBytes(4 << 20),
		kgo.DisableAutoCommit(),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.ProducerLinger(20 * time.Millisecond),
		kgo.ProducerBatchMaxBytes(1_000_000),
		kgo.MaxBufferedRecords(500_000),
	}
	router := router{even: even, odd: odd}
	if os.Args[6] == "exactly-once" {
		exactlyOnce(router, append(options, kgo.TransactionalID(group), kgo.RequireStableFetchOffsets()))
	} else {
		atLeastOnce(router, options)
	}
}

type router struct{ even, odd string }

// route returns the output record: the same key, headers, timestamp and partition.
func (r router) route(record *kgo.Record) *kgo.Record {
	topic, prefix := r.even, evenPrefix
	if record.Value[len(record.Value)-1]&1 == 1 {
		topic, prefix = r.odd, oddPrefix
	}
	value := make([]byte, 0, len(prefix)+len(record.Value))
	value = append(append(value, prefix...), record.Value...)
	return &kgo.Record{
		Topic: topic, Partition: record.Partition, Key: record.Key, Value: value, Headers: record.Headers, Timestamp: record.Timestamp,
	}
}

func dieOn(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func acknowledged(_ *kgo.Record, err error) { dieOn(err) }

// atLeastOnce commits each second what has been acknowledged by then.
func atLeastOnce(router router, options []kgo.Opt) {
	ctx := context.Background()
	client, err := kgo.NewClient(options...)
	dieOn(err)
	committed := time.Now()
	for {
		fetches := client.PollFetches(ctx)
		dieOn(fetches.Err())
		fetches.EachRecord(func(record *kgo.Record) { client.Produce(ctx, router.route(record), acknowledged) })
		if time.Since(committed) > commitInterval {
			dieOn(client.Flush(ctx))
			dieOn(client.CommitUncommittedOffsets(ctx))
			committed = time.Now()
		}
	}
}

// exactlyOnce commits records and positions together.
func exactlyOnce(router router, options []kgo.Opt) {
	ctx := context.Background()
	session, err := kgo.NewGroupTransactSession(options...)
	dieOn(err)
	for {
		fetches := session.PollFetches(ctx)
		dieOn(fetches.Err())
		dieOn(session.Begin())
		begun := time.Now()
		for {
			fetches.EachRecord(func(record *kgo.Record) { session.Produce(ctx, router.route(record), acknowledged) })
			left := transactionInterval - time.Since(begun)
			if left <= 0 {
				break
			}
			wait, cancel := context.WithTimeout(ctx, left)
			fetches = session.PollFetches(wait)
			cancel()
		}
		_, err := session.End(ctx, kgo.TryCommit)
		dieOn(err)
	}
}
