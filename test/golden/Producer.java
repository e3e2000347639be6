import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes the records behind the golden bytes: a plain batch, an aborted transaction, a committed one. Argument: bootstrap servers. */
public class Producer {
  private static final String TOPIC = "golden";
  private static final long FIRST_TIMESTAMP = 1558115796000L;

  public static void main(String[] arguments) throws Exception {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", arguments[0]);
    properties.put("linger.ms", "1000");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < 12; i++) producer.send(record(i));
      producer.flush();
    }
    properties.put("transactional.id", "golden");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      for (int i = 12; i < 15; i++) producer.send(record(i));
      producer.flush();
      producer.abortTransaction();
      producer.beginTransaction();
      for (int i = 15; i < 18; i++) producer.send(record(i));
      producer.flush();
      producer.commitTransaction();
    }
  }

  /** Every shape that kafkajs can encode again: with and without key and headers, an empty header value, timestamps that fall. */
  private static ProducerRecord<byte[], byte[]> record(int i) {
    byte[] key = i % 3 == 0 ? null : ("key-" + i).getBytes(StandardCharsets.UTF_8);
    byte[] value = String.format("05/17/19 17:56:%02d", 36 + i).getBytes(StandardCharsets.UTF_8);
    long timestamp = FIRST_TIMESTAMP + (i % 2 == 0 ? i * 1000L : -i * 500L);
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(TOPIC, 0, timestamp, key, value);
    if (i % 4 == 1) record.headers().add("contentType", "application/json".getBytes(StandardCharsets.UTF_8)).add("empty", new byte[0]);
    return record;
  }
}
