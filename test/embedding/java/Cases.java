import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Answers requests, a line each, by the router of the documentation. */
class Cases {
    public static void main(String[] arguments) throws IOException {
        var requests = new BufferedReader(new InputStreamReader(System.in));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            System.out.println(answer(Path.of(arguments[0]), line.split(" ", -1)));
        }
    }

    private static String answer(Path wasm, String[] words) {
        List<byte[]> values = Arrays.stream(words).skip(2).map(Cases::bytesOf).toList();
        try {
            var router = new Router(wasm, bytesOf(words[1]));
            router.route(values);
            List<String> items = new ArrayList<>();
            for (int index = 0; index < router.core().call("outputCount"); index++) {
                for (byte[] value : router.output(index)) items.add(index + "=" + HexFormat.of().formatHex(value));
            }
            for (int[] entry : router.unroutable()) items.add("?" + entry[0] + ":" + entry[1] + ":" + entry[2]);
            return String.join(" ", items);
        } catch (Core.Refusal refusal) {
            return "!" + refusal.status + ":" + refusal.ruleOffset;
        }
    }

    private static byte[] bytesOf(String word) {
        return word.equals("null") ? null : HexFormat.of().parseHex(word);
    }
}
