import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Properties;
import java.util.TreeMap;

/** Reads a file's bytes in Base64 on each line, and writes what Java makes of it: names and values in Base64 of UTF-16, or ! for a fault. */
public class PropertiesOracle {
  public static void main(String[] arguments) throws Exception {
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    StringBuilder output = new StringBuilder();
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      output.append(read(Base64.getDecoder().decode(line))).append('\n');
    }
    System.out.print(output);
  }

  private static String read(byte[] file) throws Exception {
    Properties properties = new Properties();
    try {
      properties.load(new ByteArrayInputStream(file));
    } catch (IllegalArgumentException malformed) {
      return "!";
    }
    StringBuilder text = new StringBuilder();
    new TreeMap<>(properties).forEach((name, value) -> text.append(encode(name)).append(':').append(encode(value)).append(' '));
    return text.toString();
  }

  private static String encode(Object text) {
    return Base64.getEncoder().encodeToString(text.toString().getBytes(StandardCharsets.UTF_16LE));
  }
}
