import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** One instance of the core with one rule, for one thread. */
public record Router(Core core) {
    public Router(Path wasm, byte[] rule) {
        this(Core.of(wasm));
        core.instance().memory().write(core.call("ruleAddress"), rule, 0, Math.min(rule.length, 16384)); // more is refused by its length
        core.demand("configure", rule.length);
    }

    /** Routes values, null for a tombstone, in one call. What became of them can be read until the next one. */
    public void route(List<byte[]> values) {
        int length = values.stream().mapToInt(value -> value == null ? 0 : value.length).sum();
        core.demand("reserve", length, length + 255 * values.size(), values.size()); // a prefix has at most 255 bytes
        int input = core.call("inputAddress"), pair = core.call("valueTableAddress"), offset = 0;
        for (byte[] value : values) {
            core.instance().memory().writeI32(pair, offset);
            core.instance().memory().writeI32(pair + 4, value == null ? -1 : value.length);
            core.instance().memory().write(input + offset, value == null ? new byte[0] : value);
            offset += value == null ? 0 : value.length;
            pair += 8;
        }
        core.demand("routeValues", 0, values.size());
    }

    /** Returns an output's values. */
    public List<byte[]> output(int index) {
        int[] ends = core.words(core.call("outputEndsAddress", index), core.call("outputValueCount", index));
        int[] starts = IntStream.concat(IntStream.of(0), IntStream.of(ends)).map(end -> core.call("outputAddress", index) + end).toArray();
        return IntStream.range(0, ends.length).mapToObj(i -> core.instance().memory().readBytes(starts[i], starts[i + 1] - starts[i])).toList();
    }

    /** Returns index, reason and byte offset of each value that no output takes. */
    public List<int[]> unroutable() {
        int table = core.call("unroutableAddress");
        return IntStream.range(0, core.call("unroutableCount")).mapToObj(entry -> core.words(table + 16 * entry, 3)).toList();
    }
}
