import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A router on Kafka's Java clients. Arguments: bootstrap, input, even, odd, group, and at-least-once or exactly-once. */
public class JavaClients {
  private static final byte[] EVEN = "Even timestamp: ".getBytes();
  private static final byte[] ODD = "Odd timestamp:".getBytes();
  private static final long COMMIT_NS = 1_000_000_000L;
  private static final long TRANSACTION_NS = 100_000_000L;

  public static void main(String[] arguments) {
    boolean isExactlyOnce = arguments[5].equals("exactly-once");
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(arguments[0], arguments[4]);
        KafkaProducer<byte[], byte[]> producer = producer(arguments[0], isExactlyOnce ? arguments[4] : null)) {
      consumer.subscribe(List.of(arguments[1]));
      if (isExactlyOnce) exactlyOnce(consumer, producer, arguments);
      else atLeastOnce(consumer, producer, arguments);
    }
  }

  /** Commits each second what has been acknowledged by then. */
  private static void atLeastOnce(KafkaConsumer<byte[], byte[]> consumer, KafkaProducer<byte[], byte[]> producer, String[] arguments) {
    long committed = System.nanoTime();
    for (;;) {
      route(consumer.poll(Duration.ofMillis(100)), producer, arguments);
      if (System.nanoTime() - committed < COMMIT_NS) continue;
      producer.flush();
      consumer.commitSync();
      committed = System.nanoTime();
    }
  }

  /** Commits records and positions together. */
  private static void exactlyOnce(KafkaConsumer<byte[], byte[]> consumer, KafkaProducer<byte[], byte[]> producer, String[] arguments) {
    producer.initTransactions();
    Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
    for (;;) {
      ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(100));
      if (records.isEmpty()) continue;
      producer.beginTransaction();
      long begun = System.nanoTime();
      for (;;) {
        route(records, producer, arguments);
        positions.putAll(records.nextOffsets());
        long left = TRANSACTION_NS - (System.nanoTime() - begun);
        if (left <= 0) break;
        records = consumer.poll(Duration.ofNanos(left));
      }
      producer.sendOffsetsToTransaction(positions, consumer.groupMetadata());
      producer.commitTransaction();
      positions.clear();
    }
  }

  private static void route(ConsumerRecords<byte[], byte[]> records, KafkaProducer<byte[], byte[]> producer, String[] arguments) {
    for (ConsumerRecord<byte[], byte[]> record : records) {
      byte[] value = record.value();
      boolean isEven = (value[value.length - 1] & 1) == 0;
      byte[] prefix = isEven ? EVEN : ODD;
      byte[] routed = new byte[prefix.length + value.length];
      System.arraycopy(prefix, 0, routed, 0, prefix.length);
      System.arraycopy(value, 0, routed, prefix.length, value.length);
      String topic = isEven ? arguments[2] : arguments[3];
      producer.send(
          new ProducerRecord<>(topic, record.partition(), record.timestamp(), record.key(), routed, record.headers()),
          (metadata, error) -> {
            if (error == null) return;
            error.printStackTrace();
            Runtime.getRuntime().halt(1);
          });
    }
  }

  private static KafkaConsumer<byte[], byte[]> consumer(String bootstrap, String group) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrap);
    properties.put("group.id", group);
    properties.put("auto.offset.reset", "earliest");
    properties.put("enable.auto.commit", "false");
    properties.put("isolation.level", "read_committed");
    properties.put("max.poll.records", "10000");
    properties.put("max.partition.fetch.bytes", String.valueOf(4 << 20));
    return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static KafkaProducer<byte[], byte[]> producer(String bootstrap, String transactionalId) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrap);
    properties.put("acks", "all");
    properties.put("linger.ms", "20");
    properties.put("batch.size", "262144");
    properties.put("buffer.memory", String.valueOf(64 << 20));
    if (transactionalId != null) properties.put("transactional.id", transactionalId);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
