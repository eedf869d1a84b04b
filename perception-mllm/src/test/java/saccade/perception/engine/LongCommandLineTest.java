package saccade.perception.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A process whose command line is long, as one with a class path of many jars. */
class LongCommandLineTest {

  /** What the child runs. */
  public static final class Child {
    private Child() {}

    public static void main(String[] args) {
      System.out.println("environment " + (RuntimeEnvironment.get() != null));
    }
  }

  @Test
  void theRuntimeComesUpThoughTheCommandLineIsLong() throws IOException, InterruptedException {
    ProcessBuilder child =
        new ProcessBuilder(
            System.getProperty("java.home") + "/bin/java",
            "--enable-native-access=ALL-UNNAMED",
            "-Dlong=" + "y".repeat(100_000),
            Child.class.getName());
    child.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process running = child.redirectErrorStream(true).start();
    String said = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(running.waitFor(30, TimeUnit.SECONDS), said);
    assertEquals(0, running.exitValue(), said);
    assertTrue(said.contains("environment true"), said);
  }
}
