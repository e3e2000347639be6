import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** Prints, as JSON, the bytes that Kafka's own classes make of the messages about positions that the lane has codecs of. */
public class Offsets {
  public static void main(String[] arguments) {
    Message commit =
        new TxnOffsetCommitRequestData()
            .setTransactionalId("router-é")
            .setGroupId("group")
            .setProducerId(4711)
            .setProducerEpoch((short) 3)
            .setGenerationId(17)
            .setMemberId("member")
            .setTopics(
                List.of(
                    new TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic()
                        .setName("timeDest")
                        .setPartitions(List.of(committed(0, 5), committed(300, 1L << 60))),
                    new TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic()
                        .setName("t".repeat(200))
                        .setPartitions(List.of(committed(2, 0)))));
    Message committed =
        new TxnOffsetCommitResponseData()
            .setThrottleTimeMs(12)
            .setTopics(
                List.of(
                    new TxnOffsetCommitResponseData.TxnOffsetCommitResponseTopic()
                        .setName("timeDest")
                        .setPartitions(
                            List.of(
                                new TxnOffsetCommitResponseData.TxnOffsetCommitResponsePartition().setPartitionIndex(0),
                                new TxnOffsetCommitResponseData.TxnOffsetCommitResponsePartition()
                                    .setPartitionIndex(300)
                                    .setErrorCode((short) 22)))));
    Message fetch =
        new OffsetFetchRequestData()
            .setGroupId("group")
            .setTopics(
                List.of(
                    new OffsetFetchRequestData.OffsetFetchRequestTopic().setName("timeDest").setPartitionIndexes(List.of(0, 300)),
                    new OffsetFetchRequestData.OffsetFetchRequestTopic().setName("other").setPartitionIndexes(List.of(2))))
            .setRequireStable(true);
    Message fetched =
        new OffsetFetchResponseData()
            .setThrottleTimeMs(12)
            .setTopics(
                List.of(
                    new OffsetFetchResponseData.OffsetFetchResponseTopic()
                        .setName("timeDest")
                        .setPartitions(
                            List.of(
                                new OffsetFetchResponseData.OffsetFetchResponsePartition()
                                    .setPartitionIndex(0)
                                    .setCommittedOffset(1L << 60)
                                    .setMetadata("x".repeat(150)),
                                new OffsetFetchResponseData.OffsetFetchResponsePartition()
                                    .setPartitionIndex(300)
                                    .setCommittedOffset(-1)
                                    .setMetadata(null)
                                    .setErrorCode((short) 88)))))
            .setErrorCode((short) 14);
    System.out.printf(
        "{\"commit\":\"%s\",\"committed\":\"%s\",\"fetch\":\"%s\",\"fetched\":\"%s\"}%n",
        bytes(commit, 3), bytes(committed, 3), bytes(fetch, 7), bytes(fetched, 7));
  }

  static TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition committed(int partition, long offset) {
    return new TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition()
        .setPartitionIndex(partition)
        .setCommittedOffset(offset)
        .setCommittedMetadata(null);
  }

  /** A body behind the empty tagged fields of its header. */
  static String bytes(Message message, int version) {
    ObjectSerializationCache cache = new ObjectSerializationCache();
    ByteBuffer buffer = ByteBuffer.allocate(1 + message.size(cache, (short) version));
    buffer.put((byte) 0);
    message.write(new ByteBufferAccessor(buffer), cache, (short) version);
    return Base64.getEncoder().encodeToString(buffer.array());
  }
}
