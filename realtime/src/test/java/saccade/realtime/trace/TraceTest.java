package saccade.realtime.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import saccade.realtime.AllocatedBytes;

class TraceTest {
  @TempDir Path dir;

  @Test
  @Timeout(20)
  void whatIsPutInComesOutOfTheFileInOrder() throws Exception {
    Path file = dir.resolve("t.trace");
    int records = 100_000;
    try (TraceWriter writer = TraceWriter.open(file, 5, 6)) {
      TraceRing ring = writer.ring(1 << 17);
      ring.name(TraceKind.NAME_SLICE, 3, "encode front_wide");
      ring.name(TraceKind.NAME_FACT, 0, "x".repeat(60));
      for (int i = 0; i < records; i++) {
        assertTrue(
            ring.put(TraceKind.SLICE, 1, 65535, -i, -7L * i, i, -1, 2, 3, 4, Long.MIN_VALUE));
      }
      assertEquals(0, writer.lost());
    }
    List<TraceFile.Entry> entries = new ArrayList<>();
    TraceFile read = TraceFile.read(file, entries::add);
    assertEquals(records, entries.size());
    assertEquals(records + 2, read.records());
    assertEquals(5, read.openedNs());
    assertEquals(6, read.openedWallNs());
    assertEquals(0, read.tornBytes());
    assertEquals("encode front_wide", read.name(TraceKind.NAME_SLICE, 3));
    assertEquals("x".repeat(48), read.name(TraceKind.NAME_FACT, 0));
    assertEquals("#9", read.name(TraceKind.NAME_SLICE, 9));
    for (int i = 0; i < records; i++) {
      TraceFile.Entry entry = entries.get(i);
      assertEquals(TraceKind.SLICE, entry.kind());
      assertEquals(1, entry.flag());
      assertEquals(65535, entry.a());
      assertEquals(-i, entry.b());
      assertEquals(-7L * i, entry.atNs());
      assertArrayEquals(new long[] {i, -1, 2, 3, 4, Long.MIN_VALUE}, entry.v());
    }
  }

  @Test
  void aFullRingCountsWhatItLosesAndSaysSoInTheFile() throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      TraceRing ring = new TraceRing(arena.allocate(8 * TraceRing.RECORD_BYTES, 64));
      int in = 0;
      for (int i = 0; i < 20; i++) {
        in += ring.put(TraceKind.LEVEL, 0, 0, 0, i, 0, 0, 0, 0, 0, 0) ? 1 : 0;
      }
      assertEquals(7, in);
      assertEquals(13, ring.lost());
      assertEquals(7, ring.waiting());
      ring.taken(7);
      assertTrue(ring.put(TraceKind.LEVEL, 0, 0, 0, 99, 0, 0, 0, 0, 0, 0));
      assertEquals(2, ring.waiting(), "the gap goes before it");
      assertEquals(TraceKind.GAP.code(), ring.peek(8).get(TraceRing.WORD, 0) & 0xff);
      assertEquals(13, ring.peek(8).get(TraceRing.WORD, 16));
    }
  }

  @Test
  void aFileThatWasCutOffReadsUpToThere() throws Exception {
    Path file = dir.resolve("t.trace");
    try (TraceWriter writer = TraceWriter.open(file, 0, 0)) {
      TraceRing ring = writer.ring(16);
      for (int i = 0; i < 5; i++) {
        ring.put(TraceKind.SET, 0, 0, i, i, 0, 0, 0, 0, 0, 0);
      }
    }
    byte[] bytes = java.nio.file.Files.readAllBytes(file);
    java.nio.file.Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 10));
    List<TraceFile.Entry> entries = new ArrayList<>();
    TraceFile read = TraceFile.read(file, entries::add);
    assertEquals(4, entries.size());
    assertEquals(54, read.tornBytes());
  }

  @Test
  void aDiskThatFailsEndsTheWritingAndNothingElse() throws Exception {
    Path full = Path.of("/dev/full");
    org.junit.jupiter.api.Assumptions.assumeTrue(
        java.nio.file.Files.isWritable(full), "no /dev/full here");
    // The head must be writable, so the disk is full from the first record on: not possible with
    // /dev/full, whose opening fails already, in one line.
    java.io.IOException error =
        org.junit.jupiter.api.Assertions.assertThrows(
            java.io.IOException.class, () -> TraceWriter.open(full, 0, 0));
    assertFalse(String.valueOf(error.getMessage()).isEmpty());
  }

  @Test
  void recordingAllocatesNothing() {
    try (Arena arena = Arena.ofConfined()) {
      TraceRing ring = new TraceRing(arena.allocate(1024 * TraceRing.RECORD_BYTES, 64));
      long bytes =
          AllocatedBytes.of(
              10_000,
              () -> {
                ring.put(TraceKind.SLICE, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
                ring.taken(ring.waiting());
              });
      assertEquals(0, bytes);
      assertEquals(0, ring.lost());
      assertNull(TraceKind.of(99));
    }
  }
}
