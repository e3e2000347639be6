"""A router on confluent-kafka-python, at least once. Arguments: bootstrap, input, even, odd, group."""
import sys
import time

from confluent_kafka import Consumer, Producer

COMMIT_SECONDS = 1

bootstrap, source, even, odd, group = sys.argv[1:6]
consumer = Consumer(
    {
        "bootstrap.servers": bootstrap,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
        "max.partition.fetch.bytes": 4 << 20,
        "queued.min.messages": 500_000,
    }
)
producer = Producer(
    {
        "bootstrap.servers": bootstrap,
        "acks": "all",
        "enable.idempotence": True,
        "linger.ms": 20,
        "batch.num.messages": 100_000,
        "batch.size": 1_000_000,
        "queue.buffering.max.messages": 1_000_000,
    }
)


def acknowledged(error, _):
    if error is not None:
        raise RuntimeError(error)


consumer.subscribe([source])
committed = time.monotonic()
while True:
    for record in consumer.consume(10_000, 0.1):
        if record.error() is not None:
            raise RuntimeError(record.error())
        value = record.value()
        if int(value[-1:]) % 2 == 0:
            topic, routed = even, b"Even timestamp: " + value
        else:
            topic, routed = odd, b"Odd timestamp:" + value
        headers = record.headers()
        while True:
            try:
                producer.produce(
                    topic,
                    routed,
                    record.key(),
                    record.partition(),
                    on_delivery=acknowledged,
                    timestamp=record.timestamp()[1],
                    headers=headers if headers is not None else [],
                )
                break
            except BufferError:
                producer.poll(0.1)
    producer.poll(0)
    if time.monotonic() - committed > COMMIT_SECONDS:
        producer.flush()
        try:
            consumer.commit(asynchronous=False)
        except Exception as error:  # noqa: BLE001
            if "NO_OFFSET" not in str(error):
                raise
        committed = time.monotonic()
