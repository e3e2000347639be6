import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * What a chaos run does to a cluster and wants to know of it, in one long-lived process, since a JVM takes a second to start. The argument is
 * the bootstrap servers. It reads commands, a line each, and answers each with a line of JSON; {@code {"error": …}} when one failed.
 *
 * <ul>
 *   <li>{@code create topic partitions}
 *   <li>{@code grow topic partitions}: so many from now on
 *   <li>{@code config topic name value}
 *   <li>{@code lead topic partition broker}: makes the broker the leader; 0 is any other in-sync one
 *   <li>{@code leaders topic…}: leader and leader epoch of each partition
 *   <li>{@code behind group topic}: records written, and records that the group has committed
 *   <li>{@code insync}: returns when all replicas of all partitions are in sync
 *   <li>{@code transactions prefix}: the transactional ids that begin like this, each with the state of its transaction
 *   <li>{@code fence id…}: raises the epoch of the ids' producers, which aborts what they have open
 *   <li>{@code unsettled group topic output…}: records of the outputs that are behind an open transaction; how far the group's positions are
 *       from the topic's ends, in either direction; whether it has positions that wait for the end of a transaction
 * </ul>
 */
public class ClusterAdmin {
  private static final long POLL_MS = 20;
  private static final long ELECTED_TIMEOUT_MS = 20_000;
  private static final long IN_SYNC_TIMEOUT_MS = 120_000;
  private static final int STABLE_TIMEOUT_MS = 3000;

  private final Admin admin;

  private ClusterAdmin(Admin admin) {
    this.admin = admin;
  }

  public static void main(String[] arguments) throws Exception {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", arguments[0]);
    // A node that is paused does not answer; another one does.
    properties.put("request.timeout.ms", "3000");
    properties.put("default.api.timeout.ms", "60000");
    try (Admin admin = Admin.create(properties)) {
      ClusterAdmin cluster = new ClusterAdmin(admin);
      BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
      for (String line = commands.readLine(); line != null; line = commands.readLine()) {
        System.out.println(cluster.answer(line.split(" ")));
      }
    }
  }

  private String answer(String[] words) {
    try {
      return switch (words[0]) {
        case "create" -> create(words[1], Integer.parseInt(words[2]));
        case "grow" -> grow(words[1], Integer.parseInt(words[2]));
        case "config" -> config(words[1], words[2], words[3]);
        case "lead" -> lead(new TopicPartition(words[1], Integer.parseInt(words[2])), Integer.parseInt(words[3]));
        case "leaders" -> leaders(List.of(words).subList(1, words.length));
        case "behind" -> behind(words[1], words[2]);
        case "insync" -> inSync();
        case "transactions" -> transactions(words[1]);
        case "fence" -> fence(List.of(words).subList(1, words.length));
        case "unsettled" -> unsettled(words[1], words[2], List.of(words).subList(3, words.length));
        default -> throw new IllegalArgumentException(String.join(" ", words));
      };
    } catch (Exception error) {
      return "{\"error\":\"" + error.toString().replaceAll("[\\\\\"\\p{Cntrl}]", "'") + "\"}";
    }
  }

  private String create(String topic, int partitions) throws Exception {
    // Replicas and in-sync replicas are the broker's defaults. No roll of segments: the timestamps are years old.
    NewTopic wanted = new NewTopic(topic, Optional.of(partitions), Optional.empty());
    admin.createTopics(List.of(wanted.configs(Map.of("segment.ms", Long.toString(Long.MAX_VALUE))))).all().get();
    return "{}";
  }

  private String grow(String topic, int partitions) throws Exception {
    admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions))).all().get();
    return "{}";
  }

  private String config(String topic, String name, String value) throws Exception {
    AlterConfigOp set = new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), List.of(set))).all().get();
    return "{}";
  }

  /** The leader that is preferred is the first replica, so the replicas are put into another order, and the preferred one is elected. */
  private String lead(TopicPartition partition, int wanted) throws Exception {
    TopicPartitionInfo info = partitionsOf(List.of(partition.topic())).get(partition);
    int from = info.leader().id();
    int to = wanted != 0 ? wanted : info.isr().stream().mapToInt(Node::id).filter(id -> id != from).findAny().orElseThrow();
    int epochBefore = ends(Set.of(partition)).get(partition).leaderEpoch().orElseThrow();
    List<Integer> replicas = new ArrayList<>(info.replicas().stream().map(Node::id).filter(id -> id != to).toList());
    replicas.add(0, to);
    admin.alterPartitionReassignments(Map.of(partition, Optional.of(new NewPartitionReassignment(replicas)))).all().get();
    int epochAfter = epochBefore;
    long deadline = System.currentTimeMillis() + ELECTED_TIMEOUT_MS;
    while (epochAfter == epochBefore) {
      if (System.currentTimeMillis() > deadline) throw new IllegalStateException(partition + " is not led by " + to);
      // Not needed, not yet possible: the epoch tells.
      admin.electLeaders(ElectionType.PREFERRED, Set.of(partition)).partitions().get();
      Thread.sleep(POLL_MS);
      epochAfter = ends(Set.of(partition)).get(partition).leaderEpoch().orElseThrow();
    }
    return "{\"from\":%d,\"to\":%d,\"epochBefore\":%d,\"epochAfter\":%d}".formatted(from, to, epochBefore, epochAfter);
  }

  private String leaders(List<String> topics) throws Exception {
    Map<TopicPartition, TopicPartitionInfo> partitions = partitionsOf(topics);
    Map<TopicPartition, ListOffsetsResultInfo> ends = ends(partitions.keySet());
    return partitions.entrySet().stream()
        .map(entry -> {
          Node leader = entry.getValue().leader();
          int epoch = ends.get(entry.getKey()).leaderEpoch().orElse(-1);
          return "\"%s\":{\"leader\":%d,\"epoch\":%d}".formatted(entry.getKey(), leader == null ? -1 : leader.id(), epoch);
        })
        .collect(Collectors.joining(",", "{", "}"));
  }

  /** The ends are asked for first: what is committed later than that makes the difference smaller, never larger than it was. */
  private String behind(String group, String topic) throws Exception {
    Map<TopicPartition, ListOffsetsResultInfo> ends = ends(partitionsOf(List.of(topic)).keySet());
    Map<TopicPartition, OffsetAndMetadata> offsets = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    long written = ends.values().stream().mapToLong(ListOffsetsResultInfo::offset).sum();
    long committed =
        offsets.entrySet().stream()
            .filter(entry -> entry.getKey().topic().equals(topic) && entry.getValue() != null)
            .mapToLong(entry -> entry.getValue().offset())
            .sum();
    return "{\"written\":%d,\"committed\":%d}".formatted(written, committed);
  }

  private String inSync() throws Exception {
    long deadline = System.currentTimeMillis() + IN_SYNC_TIMEOUT_MS;
    for (;;) {
      Set<String> topics = admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get();
      Map<TopicPartition, TopicPartitionInfo> partitions = partitionsOf(topics);
      List<TopicPartition> behind =
          partitions.entrySet().stream()
              .filter(entry -> entry.getValue().isr().size() < entry.getValue().replicas().size())
              .map(Map.Entry::getKey)
              .toList();
      if (behind.isEmpty()) return "{}";
      if (System.currentTimeMillis() > deadline) throw new IllegalStateException("not in sync: " + behind);
      Thread.sleep(POLL_MS * 5);
    }
  }

  private String transactions(String prefix) throws Exception {
    return admin.listTransactions().all().get().stream()
        .filter(transaction -> transaction.transactionalId().startsWith(prefix))
        .map(transaction -> "\"%s\":\"%s\"".formatted(transaction.transactionalId(), transaction.state()))
        .collect(Collectors.joining(",", "{", "}"));
  }

  private String fence(List<String> transactionalIds) throws Exception {
    admin.fenceProducers(transactionalIds).all().get();
    return "{}";
  }

  private String unsettled(String group, String topic, List<String> outputs) throws Exception {
    Map<TopicPartition, ListOffsetsResultInfo> ends = ends(partitionsOf(outputs).keySet());
    Map<TopicPartition, OffsetSpec> wanted = ends.keySet().stream().collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
    Map<TopicPartition, ListOffsetsResultInfo> stable =
        admin.listOffsets(wanted, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)).all().get();
    long open = ends.entrySet().stream().mapToLong(entry -> entry.getValue().offset() - stable.get(entry.getKey()).offset()).sum();
    Map<TopicPartition, OffsetAndMetadata> offsets = stableOffsets(group);
    long apart = 0;
    for (Map.Entry<TopicPartition, ListOffsetsResultInfo> end : ends(partitionsOf(List.of(topic)).keySet()).entrySet()) {
      OffsetAndMetadata committed = offsets == null ? null : offsets.get(end.getKey());
      apart += Math.abs(end.getValue().offset() - (committed == null ? 0 : committed.offset()));
    }
    return "{\"open\":%d,\"apart\":%d,\"pending\":%b}".formatted(open, apart, offsets == null);
  }

  /** What the group has committed, or null while a part of it waits for the end of a transaction. */
  private Map<TopicPartition, OffsetAndMetadata> stableOffsets(String group) throws Exception {
    ListConsumerGroupOffsetsOptions options = new ListConsumerGroupOffsetsOptions().requireStable(true).timeoutMs(STABLE_TIMEOUT_MS);
    try {
      return admin.listConsumerGroupOffsets(group, options).partitionsToOffsetAndMetadata().get();
    } catch (ExecutionException error) {
      if (error.getCause() instanceof TimeoutException) return null;
      throw error;
    }
  }

  private Map<TopicPartition, TopicPartitionInfo> partitionsOf(Iterable<String> topics) throws Exception {
    List<String> names = new ArrayList<>();
    topics.forEach(names::add);
    Map<TopicPartition, TopicPartitionInfo> partitions = new HashMap<>();
    for (TopicDescription topic : admin.describeTopics(names).allTopicNames().get().values()) {
      for (TopicPartitionInfo info : topic.partitions()) partitions.put(new TopicPartition(topic.name(), info.partition()), info);
    }
    return partitions;
  }

  private Map<TopicPartition, ListOffsetsResultInfo> ends(Set<TopicPartition> partitions) throws InterruptedException, ExecutionException {
    return admin.listOffsets(partitions.stream().collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()))).all().get();
  }
}
