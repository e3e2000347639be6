import java.nio.file.Path;
import java.util.List;

public class Example {
    public static void main(String[] arguments) {
        var router = new Router(Path.of("core.wasm"), new byte[0]);
        router.route(List.of("11/21/26 03:51:06".getBytes(), "11/21/26 03:51:07".getBytes(), "no time".getBytes()));
        for (byte[] value : router.output(0)) System.out.println("even: " + new String(value));
        for (byte[] value : router.output(1)) System.out.println("odd: " + new String(value));
        for (int[] entry : router.unroutable()) System.out.println("unroutable: value " + entry[0] + " for reason " + entry[1]);
    }
}
