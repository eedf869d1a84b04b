package saccade.realtime.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A second SIGINT to a process whose shutdown hook hangs. */
class InterruptSignalTest {
  private static final long HANG_S = 40;

  /** Says when it runs and when its hook does; the hook then hangs. */
  static final class Hanging {
    private Hanging() {}

    public static void main(String[] args) throws InterruptedException {
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    System.out.println("hook " + InterruptSignal.restoreDefault());
                    hang();
                  }));
      System.out.println("up");
      hang();
    }

    private static void hang() {
      try {
        TimeUnit.SECONDS.sleep(HANG_S);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void interrupt(Process process) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-INT", String.valueOf(process.pid())).start().waitFor();
  }

  @Test
  @Timeout(30)
  void theSecondEndsAProcessWhoseHookHangs() throws IOException, InterruptedException {
    assumeTrue(Libc.here() != null, "not Linux");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/env")), "no /usr/bin/env here");
    ProcessBuilder builder =
        new ProcessBuilder(
            "/usr/bin/env",
            "--default-signal=INT", // whoever started this test
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            Hanging.class.getName());
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process process = builder.redirectErrorStream(true).start();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      assertEquals("up", lines.readLine());
      interrupt(process);
      assertEquals("hook true", lines.readLine());
      interrupt(process);
      assertTrue(process.waitFor(10, TimeUnit.SECONDS), "the second one was swallowed");
      assertEquals(130, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
  }
}
