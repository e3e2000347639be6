import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cloud.stream.config.ProducerMessageHandlerCustomizer;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.integration.kafka.outbound.KafkaProducerMessageHandler;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.kafka.support.ProducerListener;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageChannel;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.support.MessageBuilder;

/** A router on Spring Cloud Stream. Arguments: bootstrap, input, even, odd, group, and at-least-once or exactly-once. */
@SpringBootConfiguration
@EnableAutoConfiguration
public class SpringCloudStreamRouter {
  private static final byte[] EVEN = "Even timestamp: ".getBytes();
  private static final byte[] ODD = "Odd timestamp:".getBytes();

  /** Those of the outputs. */
  private final List<KafkaTemplate<?, ?>> templates = new CopyOnWriteArrayList<>();

  public static void main(String[] arguments) {
    SpringApplication application = new SpringApplication(SpringCloudStreamRouter.class);
    application.setDefaultProperties(properties(arguments));
    application.run();
  }

  /**
   * Routes what a poll has read. The binder commits the poll's positions when this returns, so the records have to be acknowledged by then.
   *
   * <p>Messages go to the channels of the output bindings, for {@code StreamBridge} would parse each value as JSON before it sends it there.
   */
  @Bean
  @SuppressWarnings("unchecked")
  Consumer<Message<List<byte[]>>> route(ApplicationContext context) {
    return poll -> {
      MessageChannel even = context.getBean("even", MessageChannel.class);
      MessageChannel odd = context.getBean("odd", MessageChannel.class);
      List<byte[]> values = poll.getPayload();
      MessageHeaders headers = poll.getHeaders();
      List<?> keys = headers.get(KafkaHeaders.RECEIVED_KEY, List.class);
      List<?> partitions = headers.get(KafkaHeaders.RECEIVED_PARTITION, List.class);
      List<?> timestamps = headers.get(KafkaHeaders.RECEIVED_TIMESTAMP, List.class);
      List<Map<String, ?>> ofRecords = headers.get(KafkaHeaders.BATCH_CONVERTED_HEADERS, List.class);
      for (int index = 0; index < values.size(); index++) {
        byte[] value = values.get(index);
        boolean isEven = (value[value.length - 1] & 1) == 0;
        Message<byte[]> message =
            MessageBuilder.withPayload(routed(isEven ? EVEN : ODD, value))
                .copyHeaders(ofRecords.get(index))
                .setHeader(KafkaHeaders.KEY, keys.get(index))
                .setHeader(KafkaHeaders.PARTITION, partitions.get(index))
                .setHeader(KafkaHeaders.TIMESTAMP, timestamps.get(index))
                .build();
        (isEven ? even : odd).send(message);
      }
      templates.forEach(KafkaTemplate::flush);
    };
  }

  private static byte[] routed(byte[] prefix, byte[] value) {
    byte[] routed = new byte[prefix.length + value.length];
    System.arraycopy(prefix, 0, routed, 0, prefix.length);
    System.arraycopy(value, 0, routed, prefix.length, value.length);
    return routed;
  }

  @Bean
  ProducerMessageHandlerCustomizer<KafkaProducerMessageHandler<?, ?>> outputs() {
    return (handler, destination) -> templates.add(handler.getKafkaTemplate());
  }

  @Bean
  ProducerListener<Object, Object> haltOnFailure() {
    return new ProducerListener<>() {
      @Override
      public void onError(ProducerRecord<Object, Object> record, RecordMetadata metadata, Exception error) {
        error.printStackTrace();
        Runtime.getRuntime().halt(1);
      }
    };
  }

  private static Map<String, Object> properties(String[] arguments) {
    boolean isExactlyOnce = arguments[5].equals("exactly-once");
    String bindings = "spring.cloud.stream.bindings.";
    String binder = "spring.cloud.stream.kafka.binder.";
    String input = "spring.cloud.stream.kafka.bindings.input.consumer.";
    Map<String, Object> properties = new HashMap<>();
    properties.put("spring.main.banner-mode", "off");
    properties.put("logging.level.root", "error");
    properties.put("spring.cloud.stream.function.bindings.route-in-0", "input");
    properties.put("spring.cloud.stream.output-bindings", "even;odd");
    properties.put(bindings + "input.destination", arguments[1]);
    properties.put(bindings + "input.group", arguments[4]);
    properties.put(bindings + "input.consumer.batch-mode", true);
    properties.put(bindings + "input.consumer.use-native-decoding", true);
    properties.put(input + "configuration.isolation.level", "read_committed");
    properties.put(input + "configuration.max.poll.records", 10_000);
    properties.put(input + "configuration.max.partition.fetch.bytes", 4 << 20);
    properties.put(binder + "brokers", arguments[0]);
    properties.put(binder + "required-acks", "all");
    if (isExactlyOnce) {
      // The outputs share a producer then, which has its properties from the binder.
      String transaction = binder + "transaction.";
      properties.put(transaction + "transaction-id-prefix", arguments[4] + "-");
      putProducer(properties, transaction + "producer.", transaction + "producer.");
    }
    Map.of("even", arguments[2], "odd", arguments[3])
        .forEach(
            (output, topic) -> {
              properties.put(bindings + output + ".destination", topic);
              putProducer(properties, bindings + output + ".producer.", "spring.cloud.stream.kafka.bindings." + output + ".producer.");
            });
    return properties;
  }

  /** Some properties of a producer are Spring Cloud Stream's, and others the binder's. */
  private static void putProducer(Map<String, Object> properties, String ofStream, String ofKafka) {
    properties.put(ofStream + "use-native-encoding", true);
    properties.put(ofKafka + "batch-timeout", 20);
    properties.put(ofKafka + "buffer-size", 262_144);
    properties.put(ofKafka + "configuration.buffer.memory", 64 << 20);
  }
}
