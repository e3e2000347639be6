import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/** A router on Kafka Streams. Arguments: bootstrap, input, even, odd, group, and at-least-once or exactly-once. */
public class KafkaStreamsRouter {
  private static final byte[] EVEN = "Even timestamp: ".getBytes();
  private static final byte[] ODD = "Odd timestamp:".getBytes();

  /** A key, and the partition that its record is to go to: partitioners don't hear which one it came from. */
  private record PlacedKey(byte[] key, Optional<Set<Integer>> partition) {}

  private static class Router extends ContextualProcessor<byte[], byte[], PlacedKey, byte[]> {
    @Override
    public void process(Record<byte[], byte[]> record) {
      byte[] value = record.value();
      boolean isEven = (value[value.length - 1] & 1) == 0;
      byte[] prefix = isEven ? EVEN : ODD;
      byte[] routed = new byte[prefix.length + value.length];
      System.arraycopy(prefix, 0, routed, 0, prefix.length);
      System.arraycopy(value, 0, routed, prefix.length, value.length);
      // A task has one partition of the input.
      PlacedKey key = new PlacedKey(record.key(), Optional.of(Set.of(context().taskId().partition())));
      context().forward(record.withKey(key).withValue(routed), isEven ? "even" : "odd");
    }
  }

  public static void main(String[] arguments) throws InterruptedException {
    ByteArrayDeserializer read = new ByteArrayDeserializer();
    ByteArraySerializer write = new ByteArraySerializer();
    Serializer<PlacedKey> writeKey = (topic, placed) -> placed.key();
    StreamPartitioner<PlacedKey, byte[]> partitioner = (topic, placed, value, partitions) -> placed.partition();
    Topology topology =
        new Topology()
            .addSource("input", read, read, arguments[1])
            .addProcessor("router", Router::new, "input")
            .addSink("even", arguments[2], writeKey, write, partitioner, "router")
            .addSink("odd", arguments[3], writeKey, write, partitioner, "router");
    KafkaStreams streams = new KafkaStreams(topology, properties(arguments[0], arguments[4], arguments[5].equals("exactly-once")));
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          Runtime.getRuntime().halt(1);
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
    new CountDownLatch(1).await();
  }

  private static Properties properties(String bootstrap, String group, boolean isExactlyOnce) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrap);
    properties.put("application.id", group);
    properties.put("num.stream.threads", "1");
    properties.put("processing.guarantee", isExactlyOnce ? "exactly_once_v2" : "at_least_once");
    properties.put("commit.interval.ms", isExactlyOnce ? "100" : "1000");
    properties.put("buffered.records.per.partition", "10000");
    properties.put("consumer.auto.offset.reset", "earliest");
    properties.put("consumer.isolation.level", "read_committed");
    properties.put("consumer.max.poll.records", "10000");
    properties.put("consumer.max.partition.fetch.bytes", String.valueOf(4 << 20));
    properties.put("producer.acks", "all");
    properties.put("producer.linger.ms", "20");
    properties.put("producer.batch.size", "262144");
    properties.put("producer.buffer.memory", String.valueOf(64 << 20));
    return properties;
  }
}
