package saccade.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a neighbour module may name, told by the compiler itself. */
class ModuleBoundsTest {
  private static final String OUTSIDER =
      """
      package outsider;
      class Outsider {
        double allowed(saccade.sim.Simulation drive, java.lang.foreign.MemorySegment memory) {
          drive.command(-1, 0);
          drive.advance(0.1);
          drive.renderCamera(0, memory);
          saccade.sim.export.ProgressSink sink = (done, total) -> {};
          sink.progress(0, 1);
          return saccade.sim.Scenario.named("demo").durationS() + drive.odometry().speedMps();
        }
        void forbidden(saccade.sim.Simulation drive) {
          drive.world().vehicles.clear(); // no
          double x = drive.ego().x; // no
          drive.scene().boxes.clear(); // no
          new saccade.sim.truth.Expert(); // no
          new saccade.sim.truth.RecordedDrive.Recorder().frame(drive); // no
          saccade.sim.world.Scene scene = null; // no
          saccade.sim.render.CameraRenderer renderer = null; // no
          saccade.sim.traffic.World world = drive.world(); // no
        }
      }
      """;

  @TempDir Path scratch;

  @Test
  void nodesCanDriveButNotLookBehindTheSensors() throws IOException {
    Path module =
        Files.writeString(
            scratch.resolve("module-info.java"), "module outsider { requires saccade.sim; }");
    Path source =
        Files.writeString(
            Files.createDirectories(scratch.resolve("outsider")).resolve("Outsider.java"),
            OUTSIDER);
    String modules =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(ModuleBoundsTest::isModule)
            .collect(Collectors.joining(File.pathSeparator));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter output = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, Locale.ROOT, null)) {
      compiler
          .getTask(
              output,
              files,
              null,
              List.of(
                  "--module-path",
                  modules,
                  "-d",
                  scratch.toString(),
                  "-proc:none",
                  "-Xdiags:compact",
                  "-Xlint:none"),
              null,
              files.getJavaFileObjects(module, source))
          .call();
    }
    Set<Integer> wanted = new TreeSet<>();
    List<String> lines = OUTSIDER.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).endsWith("// no")) {
        wanted.add(i + 1);
      }
    }
    Set<Integer> found = new TreeSet<>();
    Matcher error = Pattern.compile("(\\w+)\\.java:(\\d+): error").matcher(output.toString());
    while (error.find()) {
      assertEquals("Outsider", error.group(1), output.toString());
      found.add(Integer.parseInt(error.group(2)));
    }
    assertEquals(8, wanted.size(), "the marks are there");
    assertEquals(wanted, found, output.toString());
  }

  private static boolean isModule(String entry) {
    String name = Path.of(entry).getFileName().toString();
    return Files.exists(Path.of(entry, "module-info.class"))
        || name.matches("(saccade-|jspecify|disruptor|HdrHistogram).*\\.jar");
  }
}
