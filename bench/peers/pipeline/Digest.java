import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Says in few bytes what topics have, as readers of committed records see it, with their CRCs checked. Prints a line of JSON.
 *
 * <p>Arguments are {@code bootstrap expected <input>}, for what the outputs must have, or {@code bootstrap found <even> <odd>}, for what they
 * have: the number of records, a hash of them in the order of each partition, a sum that is the same in any order and in any partition, and
 * how many offsets at most a partition spends on the ends of transactions.
 */
public class Digest {
  private static final byte[][] PREFIXES = {"Even timestamp: ".getBytes(), "Odd timestamp:".getBytes()};

  private final MessageDigest[][] ordered;
  private final long[] unordered = new long[2];
  private final long[] records = new long[2];
  private long markers;
  private ByteBuffer content = ByteBuffer.allocate(1 << 16);

  private Digest(int partitions) throws Exception {
    ordered = new MessageDigest[2][partitions];
    for (MessageDigest[] ofOutput : ordered) {
      for (int partition = 0; partition < partitions; partition++) ofOutput[partition] = MessageDigest.getInstance("SHA-256");
    }
  }

  public static void main(String[] arguments) throws Exception {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(arguments[0])) {
      Digest digest = new Digest(consumer.partitionsFor(arguments[2]).size());
      if (arguments[1].equals("expected")) {
        digest.read(consumer, arguments[2], -1);
      } else {
        for (int output = 0; output < 2; output++) digest.read(consumer, arguments[2 + output], output);
      }
      digest.report();
    }
  }

  /** Reads a topic to its end; -1 for the input, whose records are taken as the outputs must have them. */
  private void read(KafkaConsumer<byte[], byte[]> consumer, String topic, int output) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream().map(info -> new TopicPartition(topic, info.partition())).toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    long[] counts = new long[partitions.size()];
    while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
        counts[record.partition()]++;
        if (output >= 0) {
          take(output, record, new byte[0]);
        } else {
          int parity = record.value()[record.value().length - 1] & 1;
          take(parity, record, PREFIXES[parity]);
        }
      }
    }
    ends.forEach((partition, end) -> markers = Math.max(markers, end - counts[partition.partition()]));
  }

  private void take(int output, ConsumerRecord<byte[], byte[]> record, byte[] prefix) {
    content.clear();
    content.putLong(record.timestamp());
    put(record.key());
    content.putInt(prefix.length + record.value().length).put(prefix).put(record.value());
    for (Header header : record.headers()) {
      put(header.key().getBytes());
      put(header.value());
    }
    content.flip();
    ordered[output][record.partition()].update(content.array(), 0, content.limit());
    CRC32C crc = new CRC32C();
    crc.update(content.array(), 0, content.limit());
    // Spread over 64 bits, so that sums of different records don't meet by chance; a record's content has its timestamp, which is its own.
    long mixed = crc.getValue() * 0x9E3779B97F4A7C15L + record.timestamp();
    unordered[output] += (mixed ^ (mixed >>> 29)) * 0xBF58476D1CE4E5B9L;
    records[output]++;
  }

  private void put(byte[] bytes) {
    content.putInt(bytes == null ? -1 : bytes.length);
    if (bytes != null) content.put(bytes);
  }

  private void report() throws Exception {
    MessageDigest all = MessageDigest.getInstance("SHA-256");
    for (MessageDigest[] ofOutput : ordered) for (MessageDigest ofPartition : ofOutput) all.update(ofPartition.digest());
    System.out.printf(
        "{\"records\":%s,\"ordered\":\"%s\",\"unordered\":\"%x-%x\",\"markers\":%d}%n",
        Arrays.toString(records), HexFormat.of().formatHex(all.digest(), 0, 8), unordered[0], unordered[1], markers);
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
