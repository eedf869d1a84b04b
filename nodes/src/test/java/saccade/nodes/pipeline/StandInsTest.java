package saccade.nodes.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Distortion;
import saccade.kernels.geometry.Lens;
import saccade.kernels.geometry.Rig;
import saccade.kernels.image.PixelFormat;
import saccade.nodes.sensor.SensorInlets;
import saccade.perception.SetInput;
import saccade.realtime.clock.ManualClock;
import saccade.realtime.ring.Doorbell;
import saccade.realtime.ring.FrameRing;
import saccade.realtime.ring.FrameView;
import saccade.sim.Scenario;
import saccade.sim.Simulation;

class StandInsTest {
  private static final long ALL = 0b111_1111; // six cameras and the LiDAR
  private static final int WIDE = 0;
  private static final int TELE = 1;
  private static final Rig RIG = Rig.sixCamera();

  private final Arena arena = Arena.ofAuto();
  private final StandIns standIns = new StandIns(RIG, arena);
  private final SensorInlets inlets =
      new SensorInlets(arena, RIG, 4, new ManualClock(1), new Doorbell());

  @Test
  void theTeleCameraIsSeenInTheWideOneAndNoOtherInAny() {
    assertEquals(0, standIns.possible(ALL));
    for (int camera = 0; camera < 6; camera++) {
      long without = ALL & ~(1L << camera);
      assertEquals(camera == TELE ? 1L << TELE : 0, standIns.possible(without), "camera " + camera);
    }
    assertEquals(0, standIns.possible(ALL & ~0b11), "the wide one is missing, too");
    assertEquals(WIDE, standIns.source(TELE));
    assertThrows(IllegalArgumentException.class, () -> standIns.source(WIDE));
    assertEquals(List.of("front_tele"), standIns.names(0b10));
    assertEquals("front_tele seen in front_wide", standIns.line(0b10));
    assertEquals(List.of(), standIns.names(0));
    assertEquals("", standIns.line(0));
  }

  @Test
  void aPictureThatIsBentByALensShowsNoOtherCamerasView() {
    CameraModel wide = RIG.cameras().get(WIDE);
    Lens bent =
        new Lens(
            wide.fxPx(),
            wide.fyPx(),
            wide.cxPx(),
            wide.cyPx(),
            Distortion.of("plumb_bob", -0.2, 0, 0, 0, 0));
    Rig rig = new Rig(RIG.cameras(), RIG.lidar(), Map.of("front_wide", bent));
    assertEquals(0, new StandIns(rig, arena).possible(ALL & ~0b10));
  }

  private FrameView wide(PixelFormat format, MemorySegment picture, int widthPx) {
    FrameRing ring = inlets.ring(WIDE);
    long handle = ring.tryClaim(1);
    ring.slot(handle).copyFrom(picture);
    ring.publish(handle, 1, (int) picture.byteSize(), widthPx, 256, format.ordinal(), 1);
    FrameView view = new FrameView();
    assertTrue(ring.takeNext(view, 1));
    return view;
  }

  @Test
  void whatIsDrawnIsWhatTheCameraWouldHaveShown() {
    Simulation drive = new Simulation(RIG, Scenario.named("lead-brake"), 3);
    drive.advance(2);
    MemorySegment wide = arena.allocate(3L * 448 * 256);
    MemorySegment tele = arena.allocate(3L * 448 * 256);
    drive.renderCamera(WIDE, wide);
    drive.renderCamera(TELE, tele);
    FrameView view = wide(PixelFormat.RGB8, wide, 448);
    assertTrue(standIns.put(new SetInput(6), TELE, view));
    standIns.draw(TELE, view);
    double drawn = apart(standIns.picture(TELE), tele);
    double uncut = apart(wide, tele);
    assertTrue(drawn < 6 && drawn < uncut / 3, drawn + " grey levels apart; uncut " + uncut);
  }

  /** Mean distance of two pictures, grey levels. */
  private static double apart(MemorySegment a, MemorySegment b) {
    long sum = 0;
    long bytes = Math.min(a.byteSize(), b.byteSize());
    for (long i = 0; i < bytes; i++) {
      sum +=
          Math.abs(
              (a.get(ValueLayout.JAVA_BYTE, i) & 255) - (b.get(ValueLayout.JAVA_BYTE, i) & 255));
    }
    return (double) sum / bytes;
  }

  @Test
  void everyInterleavedFormatIsDrawnAlikeAndOthersAreLeft() {
    for (PixelFormat format : PixelFormat.values()) {
      MemorySegment ramp = arena.allocate(format.pictureBytes(448, 256, format.rowBytes(448)));
      int bytes = format.bytesPerPixel();
      for (long i = 0; i < ramp.byteSize(); i++) { // each channel: its column / 2 + its number
        ramp.set(ValueLayout.JAVA_BYTE, i, (byte) (i / bytes % 448 / 2 + i % bytes));
      }
      FrameView view = wide(format, ramp, 448);
      assertEquals(!format.isYuv(), standIns.put(new SetInput(6), TELE, view), format.name());
      if (!format.isYuv()) {
        standIns.draw(TELE, view);
        double scale = Math.tan(Math.toRadians(17.5));
        for (int u = 0; u < 448; u += 37) {
          double wanted = ((u + 0.5 - 224) * scale + 224 - 0.5) / 2;
          for (int c = 0; c < bytes; c++) {
            int found =
                standIns.picture(TELE).get(ValueLayout.JAVA_BYTE, (100L * 448 + u) * bytes + c)
                    & 255;
            assertEquals(wanted + c, found, 1, format + " column " + u + " channel " + c);
          }
        }
      }
      view.release();
    }
  }

  @Test
  void aPictureOfAnotherSizeThanTheRigSaysIsLeft() {
    FrameView view = wide(PixelFormat.RGB8, arena.allocate(3L * 224 * 256), 224);
    assertFalse(standIns.put(new SetInput(6), TELE, view));
  }
}
