import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads the committed records of topics while they are written. Whoever reads them later must see the same ones in the same places: a record that
 * was shown too soon, and is gone, makes a difference.
 *
 * <p>The arguments are the bootstrap servers and the topics. A line on standard input, whatever it says, asks it to read up to what is the end
 * then; it answers with a line of JSON and ends: {@code records}, and {@code digest}, a checksum over offset and key of each record.
 */
public class CommittedReader {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration END_TIMEOUT = Duration.ofSeconds(60);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<TopicPartition> partitions;
  private final Map<String, CRC32C> digests = new TreeMap<>();
  private long records = 0;

  private CommittedReader(KafkaConsumer<byte[], byte[]> consumer, List<String> topics) {
    this.consumer = consumer;
    partitions =
        topics.stream()
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  public static void main(String[] arguments) throws Exception {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(arguments[0])) {
      CommittedReader reader = new CommittedReader(consumer, Arrays.asList(arguments).subList(1, arguments.length));
      BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
      while (!commands.ready()) reader.poll();
      reader.readToEnd();
      System.out.printf("{\"records\":%d,\"digest\":\"%s\"}%n", reader.records, reader.digest());
    }
  }

  private void poll() {
    consumer.poll(POLL).forEach(this::take);
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    CRC32C digest = digests.computeIfAbsent(record.topic() + "-" + record.partition(), partition -> new CRC32C());
    byte[] offset = Long.toString(record.offset()).getBytes();
    digest.update(offset, 0, offset.length);
    digest.update(record.key(), 0, record.key().length);
    records++;
  }

  private void readToEnd() {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    long deadline = System.nanoTime() + END_TIMEOUT.toNanos();
    while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
      if (System.nanoTime() > deadline) throw new IllegalStateException("not at the end within " + END_TIMEOUT);
      poll();
    }
  }

  private String digest() {
    return digests.entrySet().stream().map(entry -> entry.getKey() + ":" + entry.getValue().getValue()).collect(Collectors.joining(","));
  }

  private static KafkaConsumer<byte[], byte[]> consumer(String bootstrap) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrap);
    properties.put("isolation.level", "read_committed");
    properties.put("check.crcs", "true");
    properties.put("allow.auto.create.topics", "false");
    // It is not the one under test: it outlasts every fault.
    properties.put("default.api.timeout.ms", "60000");
    return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
