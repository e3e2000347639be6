import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Runs the programs of these tests in one JVM, one after another. Each line of standard input is the name of a class and its arguments, with
 * tabs between; each line of standard output is what came of it: the exit code, and in Base64 what it has written to its standard output and
 * to its standard error.
 */
public class Programs {
  public static void main(String[] none) throws Exception {
    PrintStream answers = System.out;
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      ByteArrayOutputStream output = new ByteArrayOutputStream();
      ByteArrayOutputStream errors = new ByteArrayOutputStream();
      System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
      int exitCode = run(line.split("\t", -1));
      answers.println(exitCode + " " + base64(output) + " " + base64(errors));
    }
  }

  /** Returns the exit code that a JVM would have that has run nothing else. */
  private static int run(String[] words) throws ReflectiveOperationException {
    String[] arguments = Arrays.copyOfRange(words, 1, words.length);
    try {
      Class.forName(words[0]).getMethod("main", String[].class).invoke(null, (Object) arguments);
      return 0;
    } catch (InvocationTargetException failure) {
      failure.getCause().printStackTrace();
      return 1;
    }
  }

  private static String base64(ByteArrayOutputStream bytes) {
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }
}
