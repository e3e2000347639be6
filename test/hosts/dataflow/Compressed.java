import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;

/**
 * Prints RecordBatches as Kafka's own client compresses them, as JSON: for each codec a batch of three records, and one whose records take
 * several blocks of every codec. Of the records as they are before compression it gives the length and the SHA-256.
 */
public class Compressed {
  private static final long TIMESTAMP = 1_558_115_796_000L;
  /** Few long records: the fixture stays small, and what it inflates to does not. Snappy has blocks of 32 KiB, LZ4 of 64 KiB. */
  private static final int LONG_COUNT = 100;

  private static final int LONG_REPEATS = 150;

  private static final int HEADER_BYTES = 61;

  public static void main(String[] arguments) throws Exception {
    StringBuilder json = new StringBuilder("[");
    for (CompressionType type : List.of(CompressionType.GZIP, CompressionType.SNAPPY, CompressionType.LZ4, CompressionType.ZSTD)) {
      for (int count : List.of(3, LONG_COUNT)) {
        byte[] plain = recordsOf(batch(Compression.NONE, count));
        byte[] compressed = batch(Compression.of(type).build(), count);
        if (json.length() > 1) json.append(",");
        json.append(String.format("{\"codec\":%d,\"name\":\"%s\",\"recordCount\":%d,", type.id, type.name, count))
            .append(String.format("\"batch\":\"%s\",", Base64.getEncoder().encodeToString(compressed)))
            .append(String.format("\"plainBytes\":%d,\"plainSha256\":\"%s\"}", plain.length, sha256(plain)));
      }
    }
    System.out.println(json.append("]"));
  }

  private static byte[] batch(Compression compression, int count) {
    try (MemoryRecordsBuilder builder =
        MemoryRecords.builder(ByteBuffer.allocate(1 << 20), compression, TimestampType.CREATE_TIME, 0L)) {
      for (int i = 0; i < count; i++) {
        String value = String.format("05/17/19 17:56:%02d", i % 60).repeat(count == LONG_COUNT ? LONG_REPEATS : 1);
        builder.append(TIMESTAMP + i, null, value.getBytes(StandardCharsets.US_ASCII));
      }
      ByteBuffer bytes = builder.build().buffer();
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      return copy;
    }
  }

  private static byte[] recordsOf(byte[] batch) {
    return Arrays.copyOfRange(batch, HEADER_BYTES, batch.length);
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
