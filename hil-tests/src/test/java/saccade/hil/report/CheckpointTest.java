package saccade.hil.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.nodes.cli.BadInput;

class CheckpointTest {
  @TempDir Path dir;

  private Path file() {
    return dir.resolve("run.tsv");
  }

  @Test
  void linesAreThereForTheNextProcess() throws Exception {
    Checkpoint first = Checkpoint.open(file(), "# run 1");
    assertEquals(List.of(), first.lines());
    first.append("a\t1");
    first.append("b\t2");
    assertEquals(List.of("a\t1", "b\t2"), Checkpoint.open(file(), "# run 1").lines());
  }

  /** What follows a torn line must not become part of it. */
  @Test
  void aTornLineIsTakenAwayBeforeAnythingIsAdded() throws Exception {
    Files.writeString(file(), "# run 1\na\t1\nb\t");
    Checkpoint again = Checkpoint.open(file(), "# run 1");
    assertEquals(List.of("a\t1"), again.lines());
    again.append("c\t3");
    assertEquals("# run 1\na\t1\nc\t3\n", Files.readString(file()));
  }

  @Test
  void aFileThatWasKilledInItsFirstLineBeginsAnew() throws Exception {
    Files.writeString(file(), "# ru");
    assertEquals(List.of(), Checkpoint.open(file(), "# run 1").lines());
    assertEquals("# run 1\n", Files.readString(file()));
  }

  @Test
  void anotherRunsFileIsRefusedAndLeftAsItIs() throws Exception {
    Files.writeString(file(), "# run 2\na\t1\n");
    BadInput refused = assertThrows(BadInput.class, () -> Checkpoint.open(file(), "# run 1"));
    assertTrue(String.valueOf(refused.getMessage()).contains("found # run 2"));
    assertEquals("# run 2\na\t1\n", Files.readString(file()));
    Files.writeString(file(), "a letter");
    assertThrows(BadInput.class, () -> Checkpoint.open(file(), "# run 1"));
    assertEquals("a letter", Files.readString(file()));
  }
}
