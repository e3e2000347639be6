import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;

/**
 * A record of a chaos run. All of it follows from its input partition and its number there, so that whoever meets the key anywhere knows what
 * the record must be.
 *
 * <p>Layout of the key, big-endian:
 *
 * <pre>
 *   partition int32    input partition
 *   sequence int64     0, 1, 2, … within the partition
 * </pre>
 */
record NumberedRecord(int partition, long sequence) {
  enum Kind {
    EVEN,
    ODD,
    TOMBSTONE,
    UNROUTABLE
  }

  private static final int KEY_BYTES = Integer.BYTES + Long.BYTES;
  private static final long FIRST_TIMESTAMP = 1_558_115_796_000L;
  private static final long TOMBSTONE_EVERY = 997;
  private static final long UNROUTABLE_EVERY = 499;
  private static final long HEADER_EVERY = 10;

  /** The record with this key, or null when it is the key of none. */
  static NumberedRecord of(byte[] key) {
    if (key == null || key.length != KEY_BYTES) return null;
    ByteBuffer fields = ByteBuffer.wrap(key);
    NumberedRecord record = new NumberedRecord(fields.getInt(), fields.getLong());
    return record.partition < 0 || record.sequence < 0 ? null : record;
  }

  byte[] key() {
    return ByteBuffer.allocate(KEY_BYTES).putInt(partition).putLong(sequence).array();
  }

  Kind kind() {
    if (sequence % TOMBSTONE_EVERY == TOMBSTONE_EVERY - 1) return Kind.TOMBSTONE;
    if (sequence % UNROUTABLE_EVERY == UNROUTABLE_EVERY - 1) return Kind.UNROUTABLE;
    return digit() % 2 == 0 ? Kind.EVEN : Kind.ODD;
  }

  /** A decimal number that has the partition, the sequence and a digit that decides; unroutable ones are empty or end with a letter. */
  byte[] value() {
    Kind kind = kind();
    if (kind == Kind.TOMBSTONE) return null;
    String digits = Long.toString((partition + 1) * 1_000_000_000_000L + sequence * 10 + digit());
    if (kind == Kind.UNROUTABLE) digits = sequence % 2 == 0 ? "" : digits + "x";
    return digits.getBytes(StandardCharsets.US_ASCII);
  }

  long timestamp() {
    return FIRST_TIMESTAMP + sequence;
  }

  /** Adds the header, which most records have none of. */
  void addHeaders(Headers headers) {
    if (sequence % HEADER_EVERY == 0) headers.add("sequence", Long.toString(sequence).getBytes(StandardCharsets.US_ASCII));
  }

  /** Without a pattern that partitions could share: the top bits of a multiplication by 2^64 / 1.618…. */
  private long digit() {
    return ((sequence * 64 + partition) * 0x9E3779B97F4A7C15L >>> 40) % 10;
  }
}
