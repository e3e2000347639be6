import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Accounts for every record of a chaos run: reads the input, the outputs and the dead letters with Kafka's own consumer, CRCs checked and
 * read_committed. Prints one line of JSON, and on standard error the first few records that are wrong.
 *
 * <p>Arguments are {@code name=value}: {@code bootstrap}; the topics {@code input}, {@code even}, {@code odd} and, if there is one, {@code
 * deadLetters}; {@code acknowledged} (how many records of each input partition the producer knows to be written, with commas between); {@code
 * anyPartition} (true: a record may be in any partition of its output, instead of its own modulo their number).
 *
 * <ul>
 *   <li>{@code input}: records of the input; it is an error if those are not what was acknowledged, once each and in order
 *   <li>{@code routed}, {@code deadLetters}: different ones of them that are where they belong, with everything as it must be
 *   <li>{@code missing}: ones that are not
 *   <li>{@code unexpected}: records of the outputs and the dead letters that should not be there, or not like that
 *   <li>{@code disordered}: ones whose first occurrence comes after that of a later one of the same input and output partition
 *   <li>{@code duplicated}: further occurrences
 *   <li>{@code tombstones}, {@code unroutable}: records of the input of these kinds
 * </ul>
 */
public class Account {
  private static final byte[] EVEN_PREFIX = "Even timestamp: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ODD_PREFIX = "Odd timestamp:".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NO_PREFIX = {};
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(120);
  private static final int SAMPLES_MAX = 10;

  private final KafkaConsumer<byte[], byte[]> consumer;
  /** By input partition, records of the input. */
  private final long[] acknowledged;

  private final boolean anyPartition;
  private final boolean hasDeadLetters;
  /** By input partition, those that were met where they belong. */
  private final BitSet[] met;

  private long routed = 0;
  private long deadLetters = 0;
  private long unexpected = 0;
  private long disordered = 0;
  private long duplicated = 0;
  private int samples = 0;

  private Account(KafkaConsumer<byte[], byte[]> consumer, Map<String, String> options) {
    this.consumer = consumer;
    acknowledged = Arrays.stream(options.get("acknowledged").split(",")).mapToLong(Long::parseLong).toArray();
    met = Arrays.stream(acknowledged).mapToObj(count -> new BitSet()).toArray(BitSet[]::new);
    anyPartition = Boolean.parseBoolean(options.get("anyPartition"));
    hasDeadLetters = options.containsKey("deadLetters");
  }

  public static void main(String[] arguments) {
    Map<String, String> options =
        Arrays.stream(arguments).map(argument -> argument.split("=", 2)).collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(options.get("bootstrap"))) {
      Account account = new Account(consumer, options);
      account.checkInput(options.get("input"));
      account.take(options.get("even"), NumberedRecord.Kind.EVEN, EVEN_PREFIX);
      account.take(options.get("odd"), NumberedRecord.Kind.ODD, ODD_PREFIX);
      if (account.hasDeadLetters) account.take(options.get("deadLetters"), NumberedRecord.Kind.UNROUTABLE, NO_PREFIX);
      account.report();
    }
  }

  private void checkInput(String topic) {
    long[] next = new long[acknowledged.length];
    read(topic, record -> {
      NumberedRecord wanted = new NumberedRecord(record.partition(), next[record.partition()]++);
      if (!wanted.equals(NumberedRecord.of(record.key()))) throw new IllegalStateException("the input has not " + wanted + " in its place");
    });
    if (!Arrays.equals(next, acknowledged)) {
      throw new IllegalStateException("acknowledged " + Arrays.toString(acknowledged) + ", in the input " + Arrays.toString(next));
    }
  }

  private void take(String topic, NumberedRecord.Kind kind, byte[] prefix) {
    int partitionCount = partitionsOf(topic).size();
    // The highest sequence so far, by input partition and output partition.
    Map<List<Integer>, Long> highest = new HashMap<>();
    read(topic, record -> {
      NumberedRecord numbered = NumberedRecord.of(record.key());
      if (!isWanted(record, numbered, kind, prefix, partitionCount)) {
        unexpected++;
        sample("unexpected", record, numbered);
        return;
      }
      BitSet ofPartition = met[numbered.partition()];
      if (ofPartition.get((int) numbered.sequence())) {
        duplicated++;
        return;
      }
      ofPartition.set((int) numbered.sequence());
      if (kind == NumberedRecord.Kind.UNROUTABLE) deadLetters++;
      else routed++;
      List<Integer> pair = List.of(numbered.partition(), record.partition());
      if (numbered.sequence() < highest.getOrDefault(pair, -1L)) {
        disordered++;
        sample("out of order", record, numbered);
      } else {
        highest.put(pair, numbered.sequence());
      }
    });
  }

  private boolean isWanted(
      ConsumerRecord<byte[], byte[]> record, NumberedRecord numbered, NumberedRecord.Kind kind, byte[] prefix, int partitionCount) {
    if (numbered == null || numbered.partition() >= acknowledged.length) return false;
    if (numbered.sequence() >= acknowledged[numbered.partition()] || numbered.kind() != kind) return false;
    byte[] value = record.value();
    if (value == null || value.length < prefix.length || !Arrays.equals(value, 0, prefix.length, prefix, 0, prefix.length)) return false;
    if (!Arrays.equals(Arrays.copyOfRange(value, prefix.length, value.length), numbered.value())) return false;
    RecordHeaders headers = new RecordHeaders();
    numbered.addHeaders(headers);
    // A dead letter has further headers behind its own, which say where it came from, and a timestamp and a partition of its own.
    Header[] found = record.headers().toArray();
    Header[] wanted = headers.toArray();
    if (kind == NumberedRecord.Kind.UNROUTABLE) {
      return found.length >= wanted.length && Arrays.equals(found, 0, wanted.length, wanted, 0, wanted.length);
    }
    if (!Arrays.equals(found, wanted) || record.timestamp() != numbered.timestamp()) return false;
    return anyPartition || record.partition() == numbered.partition() % partitionCount;
  }

  private void report() {
    long missing = 0;
    long tombstones = 0;
    long unroutable = 0;
    for (int partition = 0; partition < acknowledged.length; partition++) {
      for (long sequence = 0; sequence < acknowledged[partition]; sequence++) {
        NumberedRecord numbered = new NumberedRecord(partition, sequence);
        NumberedRecord.Kind kind = numbered.kind();
        if (kind == NumberedRecord.Kind.TOMBSTONE) tombstones++;
        if (kind == NumberedRecord.Kind.UNROUTABLE) unroutable++;
        boolean isLeftOut = kind == NumberedRecord.Kind.TOMBSTONE || (kind == NumberedRecord.Kind.UNROUTABLE && !hasDeadLetters);
        if (isLeftOut || met[partition].get((int) sequence)) continue;
        missing++;
        sample("missing", null, numbered);
      }
    }
    System.out.printf(
        "{\"input\":%d,\"routed\":%d,\"deadLetters\":%d,\"missing\":%d,\"unexpected\":%d,\"disordered\":%d,\"duplicated\":%d,"
            + "\"tombstones\":%d,\"unroutable\":%d}%n",
        Arrays.stream(acknowledged).sum(), routed, deadLetters, missing, unexpected, disordered, duplicated, tombstones, unroutable);
  }

  private void sample(String what, ConsumerRecord<byte[], byte[]> record, NumberedRecord numbered) {
    if (samples++ >= SAMPLES_MAX) return;
    String place = record == null ? "" : " in " + record.topic() + "-" + record.partition() + " offset " + record.offset();
    System.err.println(what + place + ": " + (numbered == null ? "no key of ours" : numbered + " " + numbered.kind()));
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
    properties.put("max.partition.fetch.bytes", String.valueOf(4 << 20));
    return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
