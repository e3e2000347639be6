import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads an input topic and both outputs with Kafka's own consumer, CRCs checked, and compares them record by record: partition, timestamp,
 * key, value with its prefix, and all headers. Prints one line of JSON, and on standard error the first few records that are wrong.
 *
 * <p>Arguments: bootstrap servers, topic of the input, of the even output, of the odd output. The contents of the input's records must
 * differ from each other: that is how a record is known again in an output.
 *
 * <ul>
 *   <li>{@code input}: committed records of the input, tombstones and unroutable ones included
 *   <li>{@code routed}: different records of the input that are in an output, with everything as it must be
 *   <li>{@code missing}: records of the input that should be in an output and are not, or not as they must be
 *   <li>{@code unexpected}: records of the outputs that are like no record of the input
 *   <li>{@code disordered}: records whose first occurrence comes after that of a later one of the same input partition and output
 *   <li>{@code duplicated}: further occurrences
 *   <li>{@code tombstones}, {@code unroutable}: records of the input that belong in no output
 * </ul>
 */
public class Verify {
  private static final byte[] EVEN_PREFIX = "Even timestamp: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ODD_PREFIX = "Odd timestamp:".getBytes(StandardCharsets.US_ASCII);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(60);
  private static final int SAMPLES_MAX = 3;

  /** A record of the input that belongs in an output: its partition, and its place among the records of that partition. */
  private record Place(int partition, int index) {}

  /** Everything of a record that the router has to keep, as text in which nothing runs into each other. */
  private static String content(ConsumerRecord<byte[], byte[]> record, byte[] value) {
    StringBuilder text = new StringBuilder();
    text.append(record.timestamp()).append(' ').append(hex(record.key())).append(' ').append(hex(value));
    for (Header header : record.headers()) {
      text.append(' ').append(hex(header.key().getBytes(StandardCharsets.UTF_8))).append('=').append(hex(header.value()));
    }
    return text.toString();
  }

  private static String hex(byte[] bytes) {
    return bytes == null ? "null" : HexFormat.of().formatHex(bytes);
  }

  private final KafkaConsumer<byte[], byte[]> consumer;
  /** By output (0 is even, 1 is odd) and content. */
  private final List<Map<String, Place>> expected = List.of(new HashMap<>(), new HashMap<>());

  private final Map<Integer, Integer> inputCounts = new HashMap<>();
  private final Map<Integer, BitSet> seen = new HashMap<>();
  private long input = 0;
  private long routed = 0;
  private long unexpected = 0;
  private long disordered = 0;
  private long duplicated = 0;
  private long tombstones = 0;
  private long unroutable = 0;
  private int samples = 0;

  private Verify(KafkaConsumer<byte[], byte[]> consumer) {
    this.consumer = consumer;
  }

  public static void main(String[] arguments) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(arguments[0])) {
      Verify verify = new Verify(consumer);
      verify.read(arguments[1], verify::expect);
      verify.compare(arguments[2], 0, EVEN_PREFIX);
      verify.compare(arguments[3], 1, ODD_PREFIX);
      verify.report();
    }
  }

  private void expect(ConsumerRecord<byte[], byte[]> record) {
    input++;
    byte[] value = record.value();
    if (value == null) {
      tombstones++;
      return;
    }
    int last = value.length == 0 ? -1 : value[value.length - 1] - '0';
    if (last < 0 || last > 9) {
      unroutable++;
      return;
    }
    int index = inputCounts.merge(record.partition(), 1, Integer::sum) - 1;
    Place before = expected.get(last % 2).put(content(record, value), new Place(record.partition(), index));
    if (before != null) throw new IllegalStateException("the input has two records with the same content, at " + before);
  }

  private void compare(String topic, int output, byte[] prefix) {
    int partitionCount = partitionsOf(topic).size();
    // The highest index seen, by input partition: the output partition follows from that.
    Map<Integer, Integer> highest = new HashMap<>();
    read(topic, record -> {
      byte[] value = record.value();
      Place place = null;
      if (value != null && value.length >= prefix.length && Arrays.equals(value, 0, prefix.length, prefix, 0, prefix.length)) {
        place = expected.get(output).get(content(record, Arrays.copyOfRange(value, prefix.length, value.length)));
      }
      if (place == null || place.partition() % partitionCount != record.partition()) {
        unexpected++;
        sample("unexpected in " + topic + "-" + record.partition() + " offset " + record.offset() + ": " + content(record, value));
        return;
      }
      BitSet ofPartition = seen.computeIfAbsent(place.partition(), partition -> new BitSet());
      if (ofPartition.get(place.index())) {
        duplicated++;
        return;
      }
      ofPartition.set(place.index());
      routed++;
      if (place.index() < highest.getOrDefault(place.partition(), -1)) {
        disordered++;
        sample("out of order in " + topic + "-" + record.partition() + " offset " + record.offset() + ": " + place);
      } else {
        highest.put(place.partition(), place.index());
      }
    });
  }

  private void report() {
    long missing = input - tombstones - unroutable - routed;
    for (int output = 0; output < 2; output++) {
      expected.get(output).forEach((content, place) -> {
        BitSet ofPartition = seen.get(place.partition());
        if (ofPartition == null || !ofPartition.get(place.index())) sample("missing, from " + place + ": " + content);
      });
    }
    System.out.printf(
        "{\"input\":%d,\"routed\":%d,\"missing\":%d,\"unexpected\":%d,\"disordered\":%d,\"duplicated\":%d,"
            + "\"tombstones\":%d,\"unroutable\":%d}%n",
        input, routed, missing, unexpected, disordered, duplicated, tombstones, unroutable);
  }

  private void sample(String sentence) {
    if (samples++ < SAMPLES_MAX) System.err.println(sentence);
  }

  /** Hands each committed record that the topic has at this moment to {@code take}, those of one partition in order. */
  private void read(String topic, Consumer<ConsumerRecord<byte[], byte[]>> take) {
    List<TopicPartition> partitions = partitionsOf(topic);
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    long deadline = System.nanoTime() + READ_TIMEOUT.toNanos();
    while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
      if (System.nanoTime() > deadline) throw new IllegalStateException("reading " + topic + " takes longer than " + READ_TIMEOUT);
      consumer.poll(Duration.ofMillis(200)).forEach(take);
    }
  }

  private List<TopicPartition> partitionsOf(String topic) {
    return consumer.partitionsFor(topic).stream().map(info -> new TopicPartition(topic, info.partition())).toList();
  }

  private static KafkaConsumer<byte[], byte[]> consumer(String bootstrap) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrap);
    properties.put("isolation.level", "read_committed");
    properties.put("check.crcs", "true");
    properties.put("allow.auto.create.topics", "false");
    properties.put("max.poll.records", "20000");
    properties.put("max.partition.fetch.bytes", String.valueOf(8 << 20));
    return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
