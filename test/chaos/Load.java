import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes numbered records to a topic at a steady rate, round-robin over its partitions, with an idempotent producer and acks=all, until it is
 * told to stop and has written as many as are wanted.
 *
 * <p>Arguments are {@code name=value}: {@code bootstrap}, {@code topic}, {@code partitions}, {@code perSecond}, {@code records} (the least
 * number of them).
 *
 * <p>It reads commands, a line each, and answers each with a line of JSON: {@code sent} how many there are so far; {@code partitions n} from
 * now on there are so many; {@code stop} ends it, and the answer has the acknowledged records of each partition.
 */
public class Load {
  private static final int PARTITIONS_MAX = 64;
  private static final long PAUSE_NANOS = 1_000_000;

  private final KafkaProducer<byte[], byte[]> producer;
  private final String topic;
  private final long perSecond;
  private final long wanted;
  private final long[] sequences = new long[PARTITIONS_MAX];
  private final AtomicLongArray acknowledged = new AtomicLongArray(PARTITIONS_MAX);
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private volatile int partitions;
  private volatile long sent = 0;
  private volatile boolean stopping = false;

  private Load(Map<String, String> options) {
    topic = options.get("topic");
    partitions = Integer.parseInt(options.get("partitions"));
    perSecond = Long.parseLong(options.get("perSecond"));
    wanted = Long.parseLong(options.get("records"));
    producer = producer(options.get("bootstrap"));
  }

  public static void main(String[] arguments) throws Exception {
    Map<String, String> options =
        Arrays.stream(arguments).map(argument -> argument.split("=", 2)).collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    Load load = new Load(new HashMap<>(options));
    Thread writer = new Thread(load::write);
    writer.start();
    load.answerCommands(writer);
  }

  private void write() {
    long startNanos = System.nanoTime();
    while (!(stopping && sent >= wanted) && failure.get() == null) {
      // After a time in which the broker took nothing, this catches up.
      double due = (System.nanoTime() - startNanos) / 1e9 * perSecond;
      while (sent < due && failure.get() == null) send((int) (sent % partitions));
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    producer.close();
  }

  private void send(int partition) {
    NumberedRecord numbered = new NumberedRecord(partition, sequences[partition]++);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, partition, numbered.timestamp(), numbered.key(), numbered.value());
    numbered.addHeaders(record.headers());
    producer.send(record, (metadata, error) -> {
      if (error == null) acknowledged.incrementAndGet(partition);
      else failure.compareAndSet(null, error);
    });
    sent++;
  }

  private void answerCommands(Thread writer) throws Exception {
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "sent" -> System.out.printf("{\"sent\":%d}%n", sent);
        case "partitions" -> {
          partitions = Integer.parseInt(words[1]);
          System.out.printf("{\"partitions\":%d}%n", partitions);
        }
        case "stop" -> {
          stopping = true;
          writer.join();
          if (failure.get() != null) throw failure.get();
          String counts =
              IntStream.range(0, partitions).mapToObj(i -> Long.toString(acknowledged.get(i))).collect(Collectors.joining(","));
          System.out.printf("{\"acknowledged\":[%s]}%n", counts);
          return;
        }
        default -> throw new IllegalArgumentException(line);
      }
    }
  }

  private static KafkaProducer<byte[], byte[]> producer(String bootstrap) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrap);
    properties.put("enable.idempotence", "true");
    properties.put("acks", "all");
    properties.put("linger.ms", "5");
    // It is not the one under test: it outlasts every fault.
    properties.put("request.timeout.ms", "5000");
    properties.put("delivery.timeout.ms", "300000");
    properties.put("max.block.ms", "300000");
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
