"""The recipe's Python sample, with its client and without its log: a record at a time. Arguments: bootstrap, input, even, odd, group."""
import sys

from kafka import KafkaConsumer, KafkaProducer

bootstrap, source, even, odd, group = sys.argv[1:6]
consumer = KafkaConsumer(source, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest")
producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=20, batch_size=262144)
for record in consumer:
    if int(record.value[-1:]) % 2 == 0:
        topic, value = even, b"Even timestamp: " + record.value
    else:
        topic, value = odd, b"Odd timestamp:" + record.value
    producer.send(
        topic, value, key=record.key, headers=list(record.headers), partition=record.partition, timestamp_ms=record.timestamp
    )
