package saccade.nodes.play;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import saccade.nodes.cli.BadInput;

/**
 * Whatever the bytes, a reader answers or complains in one line. The seeds are in the resources
 * folder of this class and are run by every test run; {@code JAZZER_FUZZ=1} looks for new ones.
 */
final class KittiReadersFuzzTest {

  @FuzzTest
  void calibration(byte[] text) {
    try {
      KittiCalibration calibration = KittiCalibration.parse("calib", text);
      expectFinite(calibration.numbers("P_rect_02", 12));
      expectFinite(calibration.rotation("R_rect_00"));
    } catch (BadInput e) {
      expectOneLine(e);
    }
  }

  @FuzzTest
  void stamps(byte[] text) {
    try {
      if (StampFile.parse("timestamps.txt", text).length == 0) {
        throw new AssertionError("no stamps and no complaint");
      }
    } catch (BadInput e) {
      expectOneLine(e);
    }
  }

  @FuzzTest
  void sweep(byte[] bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment into = arena.allocate(16 * 64);
      SweepFile.Sweep sweep = SweepFile.parse("a.bin", bytes, into);
      for (int i = 0; i < sweep.points() * 4; i++) {
        if (!Float.isFinite(into.getAtIndex(ValueLayout.JAVA_FLOAT, i))) {
          throw new AssertionError("value " + i + " is not finite");
        }
      }
    } catch (BadInput e) {
      expectOneLine(e);
    }
  }

  @FuzzTest
  void picture(byte[] png) {
    try {
      if (PictureFile.decode("a.png", png, 6, 4).length != 3 * 6 * 4) {
        throw new AssertionError("a picture of another size");
      }
    } catch (BadInput e) {
      expectOneLine(e);
    }
  }

  @FuzzTest
  void motion(FuzzedDataProvider data) {
    byte[] oxts = data.consumeBytes(512);
    byte[] table = data.consumeRemainingAsBytes();
    try {
      String[] numbers = KittiRaw.oxts("oxts", oxts);
      KittiRaw.odometry("oxts", numbers, 0, 1);
      KittiRaw.inertial("oxts", numbers, 0);
    } catch (BadInput e) {
      expectOneLine(e);
    }
    try {
      ExportedRecording.odometry("odometry.csv", table);
    } catch (BadInput e) {
      expectOneLine(e);
    }
  }

  private static void expectFinite(double[] numbers) {
    for (double number : numbers) {
      if (!Double.isFinite(number)) {
        throw new AssertionError("found " + number);
      }
    }
  }

  private static void expectOneLine(BadInput e) {
    String line = String.valueOf(e.getMessage());
    if (line.isBlank() || line.lines().count() != 1) {
      throw new AssertionError("expected one line, found '" + line + "'");
    }
  }
}
