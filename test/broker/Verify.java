import java.nio.ByteBuffer;
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
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads an input topic and both outputs with Kafka's own consumer, CRCs checked, and compares them record by record: partition, timestamp,
 * key, value with its prefix, and all headers. Prints one line of JSON, and on standard error the first few records that are wrong.
 *
 * <p>Arguments: bootstrap servers, topic of the input, of the even output, of the odd output, and, if there is one, of the dead letters. The
 * contents of the input's records must differ from each other: that is how a record is known again in an output. A dead letter is known by
 * the place that its headers name, and each byte of those and of the record's own is compared.
 *
 * <ul>
 *   <li>{@code input}: committed records of the input, tombstones and unroutable ones included
 *   <li>{@code routed}: different records of the input that are in an output, with everything as it must be
 *   <li>{@code deadLetters}: different records of the input that are among the dead letters, with everything as it must be
 *   <li>{@code missing}: records of the input that should be in an output or a dead letter and are not, or not as they must be
 *   <li>{@code unexpected}: records of the outputs and dead letters that are like no record of the input
 *   <li>{@code disordered}: records whose first occurrence comes after that of a later one of the same input partition and output
 *   <li>{@code duplicated}: further occurrences
 *   <li>{@code tombstones}, {@code unroutable}: records of the input that belong in no output, nor among the dead letters
 * </ul>
 */
public class Verify {
  private static final byte[] EVEN_PREFIX = "Even timestamp: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ODD_PREFIX = "Odd timestamp:".getBytes(StandardCharsets.US_ASCII);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(60);
  private static final int SAMPLES_MAX = 3;
  private static final String EXCEPTION = "timestamprouter.UnroutableRecordException";
  /** A dead letter is as old as the run, not as its record. */
  private static final long LETTER_AGE_MAX_MS = 600_000;

  /** A record of the input that belongs in an output: its partition, and its place among the records of that partition. */
  private record Place(int partition, int index) {}

  /** The content that a dead letter must have, and the place of its record. */
  private record Letter(String content, Place place) {}

  /** Everything of a record that the router has to keep, as text in which nothing runs into each other. */
  private static String content(ConsumerRecord<byte[], byte[]> record, byte[] value) {
    return record.timestamp() + " " + content(record.key(), value, record.headers());
  }

  private static String content(byte[] key, byte[] value, Headers headers) {
    StringBuilder text = new StringBuilder();
    text.append(hex(key)).append(' ').append(hex(value));
    for (Header header : headers) {
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

  /** What each dead letter has to hold, by the place that its headers name; null where there are none. */
  private final Map<String, Letter> expectedLetters;

  private final Map<Integer, Integer> inputCounts = new HashMap<>();
  private final Map<Integer, BitSet> seen = new HashMap<>();
  private long input = 0;
  private long routed = 0;
  private long deadLetters = 0;
  private long unexpected = 0;
  private long disordered = 0;
  private long duplicated = 0;
  private long tombstones = 0;
  private long unroutable = 0;
  private int samples = 0;

  private Verify(KafkaConsumer<byte[], byte[]> consumer, boolean withDeadLetters) {
    this.consumer = consumer;
    expectedLetters = withDeadLetters ? new HashMap<>() : null;
  }

  public static void main(String[] arguments) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(arguments[0])) {
      boolean withDeadLetters = arguments.length > 4;
      Verify verify = new Verify(consumer, withDeadLetters);
      verify.read(arguments[1], verify::expect);
      verify.compare(arguments[2], 0, EVEN_PREFIX);
      verify.compare(arguments[3], 1, ODD_PREFIX);
      if (withDeadLetters) verify.compareDeadLetters(arguments[4]);
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
    boolean isRoutable = last >= 0 && last <= 9;
    if (!isRoutable && expectedLetters == null) {
      unroutable++;
      return;
    }
    int index = inputCounts.merge(record.partition(), 1, Integer::sum) - 1;
    Place place = new Place(record.partition(), index);
    if (!isRoutable) {
      expectedLetters.put(record.partition() + "/" + record.offset(), new Letter(letterContent(record), place));
      return;
    }
    Place before = expected.get(last % 2).put(content(record, value), place);
    if (before != null) throw new IllegalStateException("the input has two records with the same content, at " + before);
  }

  private void compare(String topic, int output, byte[] prefix) {
    Order order = new Order(topic);
    read(topic, record -> {
      byte[] value = record.value();
      Place place = null;
      if (value != null && value.length >= prefix.length && Arrays.equals(value, 0, prefix.length, prefix, 0, prefix.length)) {
        place = expected.get(output).get(content(record, Arrays.copyOfRange(value, prefix.length, value.length)));
      }
      if (order.isNew(record, place)) routed++;
    });
  }

  private void compareDeadLetters(String topic) {
    Order order = new Order(topic);
    read(topic, record -> {
      Letter letter = expectedLetters.get(originOf(record));
      boolean isRight =
          letter != null
              && letter.content().equals(content(record.key(), record.value(), record.headers()))
              && record.timestamp() > System.currentTimeMillis() - LETTER_AGE_MAX_MS;
      if (order.isNew(record, isRight ? letter.place() : null)) deadLetters++;
    });
  }

  /** What Spring's Kafka binder would write for a record. */
  private static String letterContent(ConsumerRecord<byte[], byte[]> record) {
    byte[] value = record.value();
    String message = value.length == 0 ? "empty at byte 0" : "not-a-digit at byte " + (value.length - 1);
    Headers headers = new RecordHeaders(record.headers());
    headers.add("x-original-topic", utf8(record.topic()));
    headers.add("x-original-partition", ByteBuffer.allocate(Integer.BYTES).putInt(record.partition()).array());
    headers.add("x-original-offset", ByteBuffer.allocate(Long.BYTES).putLong(record.offset()).array());
    headers.add("x-original-timestamp", ByteBuffer.allocate(Long.BYTES).putLong(record.timestamp()).array());
    headers.add("x-original-timestamp-type", utf8(record.timestampType().toString()));
    headers.add("x-exception-fqcn", utf8(EXCEPTION));
    headers.add("x-exception-message", utf8(message));
    headers.add("x-exception-stacktrace", utf8(EXCEPTION + ": " + message));
    return content(record.key(), value, headers);
  }

  /** The place that a dead letter's headers name, or one that no record has. */
  private static String originOf(ConsumerRecord<byte[], byte[]> letter) {
    Header partition = letter.headers().lastHeader("x-original-partition");
    Header offset = letter.headers().lastHeader("x-original-offset");
    if (partition == null || offset == null || partition.value().length != Integer.BYTES || offset.value().length != Long.BYTES) return "";
    return ByteBuffer.wrap(partition.value()).getInt() + "/" + ByteBuffer.wrap(offset.value()).getLong();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Judges where the records of one topic are: the partition follows from that of the input, and those of one partition keep their order. */
  private final class Order {
    private final int partitionCount;
    /** The highest index seen, by input partition. */
    private final Map<Integer, Integer> highest = new HashMap<>();

    Order(String topic) {
      partitionCount = partitionsOf(topic).size();
    }

    /** Returns whether the record is where it must be, for the first time. A place of null is that of no record. */
    boolean isNew(ConsumerRecord<byte[], byte[]> record, Place place) {
      String where = record.topic() + "-" + record.partition() + " offset " + record.offset() + ": ";
      if (place == null || place.partition() % partitionCount != record.partition()) {
        unexpected++;
        sample("unexpected in " + where + content(record, record.value()));
        return false;
      }
      BitSet ofPartition = seen.computeIfAbsent(place.partition(), partition -> new BitSet());
      if (ofPartition.get(place.index())) {
        duplicated++;
        return false;
      }
      ofPartition.set(place.index());
      if (place.index() < highest.getOrDefault(place.partition(), -1)) {
        disordered++;
        sample("out of order in " + where + place);
      } else {
        highest.put(place.partition(), place.index());
      }
      return true;
    }
  }

  private void report() {
    long missing = input - tombstones - unroutable - routed - deadLetters;
    for (int output = 0; output < 2; output++) expected.get(output).forEach((content, place) -> sampleUnlessSeen(place, content));
    if (expectedLetters != null) expectedLetters.values().forEach(letter -> sampleUnlessSeen(letter.place(), letter.content()));
    System.out.printf(
        "{\"input\":%d,\"routed\":%d,\"deadLetters\":%d,\"missing\":%d,\"unexpected\":%d,\"disordered\":%d,\"duplicated\":%d,"
            + "\"tombstones\":%d,\"unroutable\":%d}%n",
        input, routed, deadLetters, missing, unexpected, disordered, duplicated, tombstones, unroutable);
  }

  private void sampleUnlessSeen(Place place, String content) {
    BitSet ofPartition = seen.get(place.partition());
    if (ofPartition == null || !ofPartition.get(place.index())) sample("missing, from " + place + ": " + content);
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
