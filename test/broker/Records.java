import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Fills a topic with records of every shape, the same ones for the same arguments. Prints one line of JSON: how many were sent, and how many
 * of those belong to aborted transactions.
 *
 * <p>Arguments are {@code name=value}: {@code bootstrap}, {@code topic}, {@code records}, {@code partitions} (records go round-robin over
 * them), and if wanted {@code seed}, {@code codec} (none, gzip, snappy, lz4, zstd), {@code batchBytes} (size of the producer's batches),
 * {@code valueBytes} (the payload's last bytes, with zeros before them where it has fewer; 0 for the payload as it is),
 * {@code tombstoneEvery} and {@code unroutableEvery} (each n-th record is one; 0 for none), {@code plain} (true: neither keys nor headers)
 * and {@code transaction} (records per transaction; 0 for none).
 */
public class Records {
  private static final DateTimeFormatter PAYLOAD = DateTimeFormatter.ofPattern("MM/dd/yy HH:mm:ss");
  private static final LocalDateTime FIRST_PAYLOAD = LocalDateTime.of(2000, 1, 1, 0, 0, 0);
  /**
   * Payloads step through 31 years in seconds. Their number is a prime, so none comes twice; and since the step is about 0.618 of it, even and
   * odd seconds follow each other without a pattern that the partitions could share.
   */
  private static final long PAYLOAD_COUNT = 999_999_937L;

  private static final long PAYLOAD_STEP = 618_033_949L;
  private static final long FIRST_TIMESTAMP = 1_558_115_796_000L;
  /** A length whose varint has two bytes. */
  private static final int LONG_KEY_BYTES = 300;

  private static final String[] UNROUTABLE = {"", "05/17/19 17:56:3x", "no timestamp", "05/17/19 17:56:36 "};

  private final String topic;
  private final int partitions;
  private final long seed;
  private final long tombstoneEvery;
  private final long unroutableEvery;
  private final boolean plain;
  private final int valueBytes;

  private Records(Map<String, String> options) {
    topic = options.get("topic");
    partitions = Integer.parseInt(options.get("partitions"));
    seed = Long.parseLong(options.getOrDefault("seed", "1"));
    tombstoneEvery = Long.parseLong(options.getOrDefault("tombstoneEvery", "0"));
    unroutableEvery = Long.parseLong(options.getOrDefault("unroutableEvery", "0"));
    plain = Boolean.parseBoolean(options.getOrDefault("plain", "false"));
    valueBytes = Integer.parseInt(options.getOrDefault("valueBytes", "0"));
  }

  public static void main(String[] arguments) throws Exception {
    Map<String, String> options = new HashMap<>();
    for (String argument : arguments) {
      String[] pair = argument.split("=", 2);
      options.put(pair[0], pair[1]);
    }
    long count = Long.parseLong(options.get("records"));
    long perTransaction = Long.parseLong(options.getOrDefault("transaction", "0"));
    Records records = new Records(options);
    long aborted = perTransaction == 0 ? records.send(count, options) : records.sendInTransactions(count, perTransaction, options);
    System.out.printf("{\"sent\":%d,\"aborted\":%d}%n", count, aborted);
  }

  private long send(long count, Map<String, String> options) throws Exception {
    AtomicReference<Exception> failure = new AtomicReference<>();
    try (KafkaProducer<byte[], byte[]> producer = producer(options, null)) {
      for (long i = 0; i < count; i++) send(producer, i, failure);
    }
    if (failure.get() != null) throw failure.get();
    return 0;
  }

  /** Two producers whose transactions overlap, so that records and markers of both lie mixed in each partition. */
  private long sendInTransactions(long count, long perTransaction, Map<String, String> options) throws Exception {
    AtomicReference<Exception> failure = new AtomicReference<>();
    List<Transactions> writers = new ArrayList<>();
    try {
      for (int i = 0; i < 2; i++) writers.add(new Transactions(producer(options, topic + "-" + i), perTransaction, i * perTransaction / 2));
      // One after the other would never mix within a batch's worth of records: the writers take turns.
      long turn = Math.max(1, perTransaction / 8);
      for (long i = 0; i < count; i++) {
        Transactions writer = writers.get((int) (i / turn % writers.size()));
        writer.begin();
        send(writer.producer, i, failure);
        writer.sent();
        if ((i + 1) % turn == 0) writer.producer.flush();
      }
      for (Transactions writer : writers) writer.finish();
    } finally {
      for (Transactions writer : writers) writer.producer.close();
    }
    if (failure.get() != null) throw failure.get();
    return writers.stream().mapToLong(writer -> writer.aborted).sum();
  }

  private void send(KafkaProducer<byte[], byte[]> producer, long i, AtomicReference<Exception> failure) {
    producer.send(record(i), (metadata, error) -> failure.compareAndSet(null, error));
  }

  private ProducerRecord<byte[], byte[]> record(long i) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, (int) (i % partitions), timestamp(i), plain ? null : key(i), value(i));
    if (plain) return record;
    // 7 has no common factor with the number of partitions of any test, so that each partition gets all shapes.
    int shape = (int) (i % 7);
    if (shape >= 1) record.headers().add("contentType", utf8("application/json"));
    if (shape >= 3) record.headers().add("null", null);
    if (shape >= 4) record.headers().add("empty", new byte[0]);
    if (shape >= 5) record.headers().add("contentType", utf8("again-" + i));
    if (shape >= 6) record.headers().add("", utf8("no name")).add("größe", new byte[LONG_KEY_BYTES]);
    return record;
  }

  /** Long ago, and falling within each group of eight: a batch's first record is not its oldest one. */
  private static long timestamp(long i) {
    return FIRST_TIMESTAMP + (i ^ 5) * 250;
  }

  private byte[] key(long i) {
    return switch ((int) (i % 5)) {
      case 0 -> null;
      case 1 -> new byte[0];
      case 2 -> utf8(("key-" + i + "-").repeat(LONG_KEY_BYTES / 5));
      default -> utf8("key-" + i);
    };
  }

  private byte[] value(long i) {
    if (tombstoneEvery > 0 && i % tombstoneEvery == tombstoneEvery - 1) return null;
    if (unroutableEvery > 0 && i % unroutableEvery == unroutableEvery - 1) {
      return utf8(UNROUTABLE[(int) (i / unroutableEvery % UNROUTABLE.length)]);
    }
    long second = Math.floorMod((i + seed * 1_000_003) * PAYLOAD_STEP, PAYLOAD_COUNT);
    byte[] payload = utf8(FIRST_PAYLOAD.plusSeconds(second).format(PAYLOAD));
    if (valueBytes == 0 || valueBytes == payload.length) return payload;
    byte[] value = new byte[valueBytes];
    Arrays.fill(value, (byte) '0');
    int kept = Math.min(valueBytes, payload.length);
    System.arraycopy(payload, payload.length - kept, value, valueBytes - kept, kept);
    return value;
  }

  private static KafkaProducer<byte[], byte[]> producer(Map<String, String> options, String transactionalId) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", options.get("bootstrap"));
    properties.put("compression.type", options.getOrDefault("codec", "none"));
    properties.put("batch.size", options.getOrDefault("batchBytes", "32768"));
    properties.put("linger.ms", "20");
    if (transactionalId != null) properties.put("transactional.id", transactionalId);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A producer that ends its transaction after a number of records, each fourth one by aborting it. */
  private static final class Transactions {
    final KafkaProducer<byte[], byte[]> producer;
    long aborted = 0;
    private final long perTransaction;
    private long inTransaction = 0;
    /** The first transaction is shorter, so that the transactions of two producers do not end together. */
    private long left;

    private long ended = 0;

    Transactions(KafkaProducer<byte[], byte[]> producer, long perTransaction, long shorterBy) {
      this.producer = producer;
      this.perTransaction = perTransaction;
      left = perTransaction - shorterBy;
      producer.initTransactions();
    }

    void begin() {
      if (inTransaction == 0) producer.beginTransaction();
    }

    void sent() {
      inTransaction++;
      if (--left == 0) finish();
    }

    void finish() {
      if (inTransaction == 0) return;
      if (++ended % 4 == 0) {
        // Records that are still in the producer would never reach the broker, and there would be nothing to leave out.
        producer.flush();
        producer.abortTransaction();
        aborted += inTransaction;
      } else {
        producer.commitTransaction();
      }
      inTransaction = 0;
      left = perTransaction;
    }
  }
}
