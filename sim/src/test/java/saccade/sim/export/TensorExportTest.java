package saccade.sim.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.sim.Scenario;
import saccade.sim.traffic.RandomDrive;
import saccade.sim.truth.TruthFacts;

class TensorExportTest {
  private static final int SEQUENCES = 12;
  private static final int FRAMES = 2;
  private static final long SEED = 5;
  private static final int ROWS = SEQUENCES * FRAMES;
  private static final ProgressSink SILENT = (done, total) -> {};

  @TempDir static Path shared;
  @TempDir Path scratch;

  @BeforeAll
  static void export() throws IOException {
    AtomicInteger last = new AtomicInteger();
    int rows =
        TensorExport.run(
            shared,
            TensorExport.Order.wide(SEQUENCES, FRAMES, SEED),
            1,
            (done, total) -> {
              assertEquals(SEQUENCES, total);
              assertEquals(last.incrementAndGet(), done);
            });
    assertEquals(ROWS, rows);
    assertEquals(SEQUENCES, last.get());
  }

  private static ByteBuffer bytes(String file) throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(shared.resolve(file))).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static FloatBuffer floats(String file) throws IOException {
    return bytes(file).asFloatBuffer();
  }

  private static IntBuffer labels() throws IOException {
    return bytes("labels.i32").asIntBuffer();
  }

  private static void assertWithin(String file, double least, double most) throws IOException {
    FloatBuffer values = floats(file);
    while (values.hasRemaining()) {
      float value = values.get();
      assertTrue(value >= least && value <= most, file + ": " + value);
    }
  }

  @Test
  void filesHaveTheSizesOfTheLayout() throws IOException {
    TreeMap<String, Long> wanted = new TreeMap<>();
    wanted.put("images.u8", ROWS * 6L * 128 * 224 * 3);
    wanted.put("paint.f32", ROWS * 6L * 112 * 3 * 4);
    wanted.put("bev.f32", ROWS * 36L * 192 * 4);
    wanted.put("ego.f32", ROWS * 6L * 4);
    wanted.put("action.f32", ROWS * 20L * 4);
    wanted.put("labels.i32", ROWS * 20L * 4);
    wanted.put("dense.u8", ROWS * 6L * 112);
    wanted.put("depth.f32", ROWS * 6L * 112 * 4);
    wanted.put("occupancy.u8", ROWS * 36L);
    wanted.put("rays.f32", SEQUENCES * 6L * 28 * 6 * 4);
    wanted.put("places.u8", SEQUENCES * 6L);
    wanted.put("layout.json", Files.size(shared.resolve("layout.json")));
    wanted.put("meta.json", Files.size(shared.resolve("meta.json")));
    TreeMap<String, Long> found = new TreeMap<>();
    try (var files = Files.list(shared)) {
      for (Path file : files.toList()) {
        found.put(file.getFileName().toString(), Files.size(file));
      }
    }
    assertEquals(wanted, found);
    String meta = Files.readString(shared.resolve("meta.json"));
    for (String part :
        List.of(
            "\"rows\": 24",
            "\"sequences\": 12",
            "\"frames\": 2",
            "\"seed\": 5",
            "\"layout\": 3",
            "\"rigs\": \"both\"")) {
      assertTrue(meta.contains(part), meta);
    }
  }

  @Test
  void valuesAreInTheirRanges() throws IOException {
    assertWithin("paint.f32", 0, Math.max(60 / 40.0, Math.log1p(32 * 1024) / 4));
    assertWithin("bev.f32", -0.5, Math.log1p(32 * 1024) / 3);
    assertWithin("ego.f32", -8 / 5.0, 2.5);
    assertWithin("depth.f32", 0, 500);
    FloatBuffer action = floats("action.f32");
    for (int row = 0; row < ROWS; row++) {
      for (int i = 0; i < 20; i++) {
        float value = action.get();
        boolean fits = i < 10 ? value >= -8 && value <= 3 : Math.abs(value) <= 0.15f;
        assertTrue(fits, "row " + row + ", action " + i + ": " + value);
      }
    }
    for (byte value : bytes("dense.u8").array()) {
      assertTrue(value >= 0 && value < PatchClass.values().length);
    }
    for (byte value : bytes("occupancy.u8").array()) {
      assertTrue(value == 0 || value == 1);
    }
    Set<Byte> levels = new HashSet<>();
    for (byte value : bytes("images.u8").array()) {
      levels.add(value);
    }
    assertTrue(levels.size() > 200, "pictures use the range of a byte");
  }

  @Test
  void labelsAreIndicesOfWordsAndSkippedOnesAreMinusOne() throws IOException {
    IntBuffer labels = labels();
    FloatBuffer action = floats("action.f32");
    FloatBuffer ego = floats("ego.f32");
    Set<Integer> maneuvers = new HashSet<>();
    for (int row = 0; row < ROWS; row++) {
      int[] label = new int[20];
      labels.get(label);
      String what = "row " + row + ": " + Arrays.toString(label);
      maneuvers.add(label[0]);
      double mean = 0;
      for (int i = 0; i < 5; i++) {
        mean += action.get(row * 20 + i) / 5.0;
      }
      boolean stands = ego.get(row * 6) * 15 < 0.3;
      assertEquals(mean < -0.7 || stands && mean <= 0 ? 0 : mean > 0.3 ? 2 : 1, label[0], what);
      assertTrue(label[1] >= 0 && label[1] < RandomDrive.Kind.values().length, what);
      int[] facts = Arrays.copyOfRange(label, 2, 20);
      for (int fact = 0; fact < TruthFacts.FACTS; fact++) {
        boolean skipped =
            switch (fact) {
              case TruthFacts.FIRST_DISTANCE -> facts[TruthFacts.FIRST_KIND] == 0;
              case TruthFacts.FIRST_MOTION ->
                  facts[TruthFacts.FIRST_KIND] == 0 || facts[TruthFacts.FIRST_KIND] == 5;
              case TruthFacts.FIRST_BRAKE_LIGHT ->
                  facts[TruthFacts.FIRST_KIND] != 1 && facts[TruthFacts.FIRST_KIND] != 3;
              case TruthFacts.SECOND_SIDE, TruthFacts.SECOND_DISTANCE, TruthFacts.SECOND_MOTION ->
                  facts[TruthFacts.SECOND_KIND] == 0;
              default -> false;
            };
        if (skipped) {
          assertEquals(-1, facts[fact], what);
        } else {
          assertTrue(
              facts[fact] >= 0 && facts[fact] < TruthFacts.WORDS.get(fact).size(),
              TruthFacts.NAMES.get(fact) + " of " + what);
        }
      }
    }
    assertEquals(Set.of(0, 1, 2), maneuvers, "all three maneuvers are drawn");
  }

  @Test
  void halfOfTheRigsAreTheShippedOneAndTheOthersDiffer() throws IOException {
    byte[] places = bytes("places.u8").array();
    FloatBuffer rays = floats("rays.f32");
    int six = 0;
    Set<Float> firstRays = new HashSet<>();
    for (int sequence = 0; sequence < SEQUENCES; sequence++) {
      int cameras = 0;
      for (int place = 0; place < 6; place++) {
        int there = places[sequence * 6 + place];
        assertTrue(there == 0 || there == 1 && cameras == place, "places fill up from the first");
        cameras += there;
        for (int token = 0; token < 28; token++) {
          int at = ((sequence * 6 + place) * 28 + token) * 6;
          double norm = Math.hypot(Math.hypot(rays.get(at), rays.get(at + 1)), rays.get(at + 2));
          assertEquals(there, norm, 1e-5);
        }
      }
      assertTrue(cameras >= 1);
      six += cameras == 6 ? 1 : 0;
      firstRays.add(rays.get(sequence * 6 * 28 * 6));
    }
    assertTrue(six >= 3 && six < SEQUENCES, six + " of " + SEQUENCES + " with six cameras");
    assertEquals(SEQUENCES, firstRays.size(), "no two are mounted alike");
  }

  @Test
  void framesOfASequenceFollowEachOther() throws IOException {
    FloatBuffer ego = floats("ego.f32");
    byte[] images = bytes("images.u8").array();
    int size = images.length / ROWS;
    for (int row = 0; row < ROWS; row += FRAMES) {
      double change = Math.abs(ego.get((row + 1) * 6) - ego.get(row * 6)) * 15;
      assertTrue(change <= 0.1 * 8 + 1e-4, "speed changes by " + change + " m/s in 0.1 s");
      assertEquals(ego.get(row * 6 + 2), ego.get((row + 1) * 6 + 2), "one set speed");
      assertFalse(
          Arrays.equals(
              images, row * size, (row + 1) * size, images, (row + 1) * size, (row + 2) * size));
    }
  }

  @Test
  void bytesDependOnTheSeedAndNotOnTheThreads() throws IOException {
    Path again = scratch.resolve("made/along/the/way");
    TensorExport.run(again, TensorExport.Order.wide(4, FRAMES, SEED), 2, SILENT);
    Path other = scratch.resolve("other");
    TensorExport.run(other, TensorExport.Order.wide(1, FRAMES, SEED + 1), 1, SILENT);
    try (var files = Files.list(shared)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".json")) {
          continue;
        }
        byte[] all = Files.readAllBytes(file);
        byte[] part = Files.readAllBytes(again.resolve(name));
        assertEquals(all.length / 3, part.length, name);
        assertArrayEquals(Arrays.copyOf(all, part.length), part, name);
      }
    }
    byte[] theirs = Files.readAllBytes(other.resolve("images.u8"));
    assertFalse(
        Arrays.equals(
            Arrays.copyOf(Files.readAllBytes(shared.resolve("images.u8")), theirs.length), theirs));
  }

  @Test
  void suddenStatesCruiseWithNothingButWhatPopsUp() throws IOException {
    int sequences = 8;
    TensorExport.run(
        scratch,
        new TensorExport.Order(TensorExport.Mix.SUDDEN, TensorExport.Rigs.SHIPPED, sequences, 2, 1),
        1,
        SILENT);
    assertTrue(Files.readString(scratch.resolve("meta.json")).contains("\"mix\": \"sudden\""));
    IntBuffer labels =
        ByteBuffer.wrap(Files.readAllBytes(scratch.resolve("labels.i32")))
            .order(ByteOrder.LITTLE_ENDIAN)
            .asIntBuffer();
    Set<Integer> kinds = new HashSet<>();
    for (int row = 0; row < sequences * 2; row++) {
      kinds.add(labels.get(row * 20 + 1));
      assertEquals(0, labels.get(row * 20 + 2 + TruthFacts.LIGHT), "no lights");
    }
    assertEquals(
        Set.of(RandomDrive.Kind.EMPTY.ordinal(), RandomDrive.Kind.POP_UP.ordinal()), kinds);
  }

  @Test
  void storiesAreToldInAllTheirStatesAndNeverThoseKeptForJudging() throws IOException {
    int sequences = 60;
    TensorExport.run(
        scratch,
        new TensorExport.Order(
            TensorExport.Mix.STORIES, TensorExport.Rigs.SHIPPED, sequences, 1, SEED),
        1,
        SILENT);
    IntBuffer labels =
        ByteBuffer.wrap(Files.readAllBytes(scratch.resolve("labels.i32")))
            .order(ByteOrder.LITTLE_ENDIAN)
            .asIntBuffer();
    Set<String> told = new HashSet<>();
    Set<Integer> maneuvers = new HashSet<>();
    for (int row = 0; row < sequences; row++) {
      maneuvers.add(labels.get(row * 20));
      told.add(Scenario.names().get(labels.get(row * 20 + 1)));
    }
    assertEquals(Set.of(0, 1, 2), maneuvers);
    assertTrue(told.size() > 12, told.toString());
    for (String kept : List.of("demo", "child-from-parked", "obstacle-after-curve")) {
      assertFalse(told.contains(kept), kept);
    }
  }

  @Test
  void aFileInTheWayIsNamed() throws IOException {
    Path file = Files.writeString(scratch.resolve("out"), "not a directory");
    String message =
        assertThrows(
                IOException.class,
                () -> TensorExport.run(file, TensorExport.Order.wide(1, 1, 1), 1, SILENT))
            .getMessage();
    assertTrue(message.contains(file.toString()), message);
    assertTrue(message.contains("is no directory"), message);
    assertEquals("not a directory", Files.readString(file));
  }

  @Test
  void aTensorThatCannotBeOpenedIsNamed() throws IOException {
    Path directory = Files.createDirectories(scratch.resolve("out/bev.f32"));
    String message =
        assertThrows(
                IOException.class,
                () ->
                    TensorExport.run(
                        scratch.resolve("out"), TensorExport.Order.wide(1, 1, 1), 1, SILENT))
            .getMessage();
    assertTrue(message.startsWith("cannot write " + directory), message);
  }

  @Test
  void moreThanTheDiskHoldsIsRefusedBeforeTheFirstFrame() {
    Path out = scratch.resolve("huge");
    // 640 million rows of 0.6 MB.
    String message =
        assertThrows(
                IOException.class,
                () -> TensorExport.run(out, TensorExport.Order.wide(10_000_000, 64, 1), 1, SILENT))
            .getMessage();
    assertTrue(message.contains("found room for") && message.contains("MB, wanted 3"), message);
    assertFalse(Files.exists(out.resolve("images.u8")));
  }

  @Test
  void aDiskThatFillsUpIsAnErrorAndLeavesNoMeta() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "a device that is always full");
    Path out = Files.createDirectories(scratch.resolve("out"));
    Files.writeString(out.resolve("meta.json"), "of an older export");
    Files.createSymbolicLink(out.resolve("action.f32"), full);
    String message =
        assertThrows(
                IOException.class,
                () -> TensorExport.run(out, TensorExport.Order.wide(2, 1, 1), 2, SILENT))
            .getMessage();
    assertTrue(message.contains(out.toString()) && message.contains("action.f32"), message);
    assertTrue(message.contains("No space left"), message);
    Files.delete(out.resolve("action.f32"));
    assertFalse(Files.exists(out.resolve("meta.json")));
  }

  @Test
  void anErrorOnTheWayEndsTheExport() {
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () ->
                TensorExport.run(
                    scratch.resolve("out"),
                    TensorExport.Order.wide(3, 1, 1),
                    2,
                    (done, total) -> {
                      throw new ArithmeticException("sink");
                    }));
    assertEquals("sink", e.getCause().getMessage());
    assertFalse(Files.exists(scratch.resolve("out/meta.json")));
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    int[][] wrong = {{0, 1, 1}, {1, 0, 1}, {1, 65, 1}, {1, 1, 0}, {1, 1, 17}};
    for (int[] numbers : wrong) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () ->
                      TensorExport.run(
                          scratch.resolve("none"),
                          TensorExport.Order.wide(numbers[0], numbers[1], 1),
                          numbers[2],
                          SILENT))
              .getMessage();
      assertTrue(message.contains("wanted 1.."), message);
    }
    assertFalse(Files.exists(scratch.resolve("none")));
  }
}
