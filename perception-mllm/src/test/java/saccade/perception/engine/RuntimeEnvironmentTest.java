package saccade.perception.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import saccade.perception.TestSets;
import saccade.perception.model.ModelPackage;

/** What a process can still do with ONNX Runtime while it ends. */
class RuntimeEnvironmentTest {
  private static final int ENOUGH = 50;

  /** Ends at once, and uses the model in a shutdown hook, when the other hooks are long done. */
  static final class Ending {
    private Ending() {}

    public static void main(String[] args) {
      ModelPackage model = TestSets.model();
      LoadedModel loaded = LoadedModel.open(model);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> use(loaded, model)));
    }

    private static void use(LoadedModel loaded, ModelPackage model) {
      try {
        Thread.sleep(300);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      for (int i = 0; i < ENOUGH; i++) {
        try (TensorStore store = new TensorStore()) {
          int hidden = model.decoder().hidden();
          MemorySegment in = store.floats(hidden);
          MemorySegment out = store.floats(model.vocabulary().size());
          loaded
              .runner(
                  "head_0.onnx",
                  store,
                  Map.of("hidden", store.floatTensor(in, 1, 1, hidden)),
                  Map.of("logits", store.floatTensor(out, 1, 1, model.vocabulary().size())))
              .run();
        }
      }
      System.out.println("ran");
      try (LoadedModel late = LoadedModel.open(model)) {
        System.out.println("opened " + late.handles());
      } catch (EngineEndingException e) {
        System.out.println("refused");
      }
      loaded.close();
      System.out.println("closed");
    }
  }

  @Test
  @Timeout(60)
  void aModelRunsAndClosesInAShutdownHookAndNoneIsOpened(@TempDir Path folder)
      throws IOException, InterruptedException {
    TestSets.model(); // skips where there is none
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + folder.resolve("crash.log"),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                Ending.class.getName())
            .redirectErrorStream(true);
    builder
        .environment()
        .put(
            "CLASSPATH",
            Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(part -> Path.of(part).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator)));
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), text);
    assertEquals(
        List.of("ran", "refused", "closed"),
        text.lines().filter(line -> !line.startsWith("WARNING")).toList(),
        text);
  }
}
