package saccade.kernels.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import saccade.kernels.Allocation;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Distortion;
import saccade.kernels.geometry.Pose;

class UndistortPatchifyTest {
  private static final Pose HERE = Pose.of(0, 0, 0, 0, 0, 0);
  private static final PatchSpec SMALL = PatchSpec.of(32, 20, 4, 0f, 1f);

  private static CameraModel camera(int w, int h, double f) {
    return new CameraModel("c", w, h, f, f, 0.49 * w, 0.52 * h, HERE);
  }

  /** A smooth scene as the model's pinhole sees it, by direction: 0..255. */
  private static double scene(double x, double y, int channel) {
    return 127 + 50 * Math.sin(2.1 * x + channel) + 50 * Math.cos(1.7 * y - x + 2 * channel);
  }

  /** What a lens makes of the scene: each pixel's ray found by undoing the distortion. */
  private static byte[] throughLens(
      CameraModel lens, Distortion distortion, PixelFormat format, int stride) {
    byte[] picture = new byte[stride * lens.heightPx()];
    double[] xy = new double[2];
    for (int v = 0; v < lens.heightPx(); v++) {
      for (int u = 0; u < lens.widthPx(); u++) {
        double wantedX = (u + 0.5 - lens.cxPx()) / lens.fxPx();
        double wantedY = (v + 0.5 - lens.cyPx()) / lens.fyPx();
        double x = wantedX;
        double y = wantedY;
        for (int i = 0; i < 40; i++) {
          distortion.distort(x, y, xy);
          x += wantedX - xy[0];
          y += wantedY - xy[1];
        }
        for (int c = 0; c < 3; c++) {
          int at = format == PixelFormat.RGB8 || format == PixelFormat.RGBA8 ? c : 2 - c;
          picture[v * stride + u * format.bytesPerPixel() + at] =
              (byte) Math.round(Math.clamp(scene(x, y, c), 0.0, 255.0));
        }
      }
    }
    return picture;
  }

  private static void checkScene(int w, int h, Distortion distortion, PixelFormat format, int pad) {
    CameraModel lens = camera(w, h, 0.9 * w);
    int stride = (int) format.rowBytes(w) + pad;
    byte[] picture = throughLens(lens, distortion, format, stride);
    var kernel = new UndistortPatchify(lens, distortion, lens, format, SMALL);
    float[] patches = new float[(int) (SMALL.patchesBytes() / 4)];
    kernel.patchify(MemorySegment.ofArray(picture), stride, MemorySegment.ofArray(patches));
    CameraModel pinhole = lens.scaledTo(32, 20);
    double[] uv = new double[2];
    int looked = 0;
    for (int v = 0; v < 20; v++) {
      for (int u = 0; u < 32; u++) {
        kernel.source(u, v, uv);
        if (!(uv[0] > 8 && uv[0] < w - 8 && uv[1] > 8 && uv[1] < h - 8)) {
          continue;
        }
        double x = (u + 0.5 - pinhole.cxPx()) / pinhole.fxPx();
        double y = (v + 0.5 - pinhole.cyPx()) / pinhole.fyPx();
        for (int c = 0; c < 3; c++) {
          int at = (v / 4 * 8 + u / 4) * 48 + (v % 4 * 4 + u % 4) * 3 + c;
          assertEquals(scene(x, y, c), patches[at] * 255, 2, u + "," + v + " channel " + c);
        }
        looked++;
      }
    }
    assertTrue(looked > 200, "pixels in view: " + looked);
  }

  @Test
  void seesTheSceneAsAPinholeWould() {
    Distortion[] lenses = {
      Distortion.NONE,
      Distortion.of("plumb_bob", -0.25, 0.06, 0.001, -0.0015, 0),
      Distortion.of("rational_polynomial", 0.3, 0.02, 0, 0.001, 0, 0.35, 0.05, 0),
      Distortion.of("equidistant", 0.02, -0.005, 0, 0)
    };
    for (Distortion lens : lenses) {
      checkScene(160, 100, lens, PixelFormat.BGR8, 0);
      checkScene(64, 40, lens, PixelFormat.RGB8, 5);
      checkScene(203, 131, lens, PixelFormat.BGRA8, 3);
    }
  }

  @Property(tries = 20)
  void seesTheSceneAtAnySize(
      @ForAll @IntRange(min = 64, max = 230) int w,
      @ForAll @IntRange(min = -8, max = 8) int taller,
      @ForAll @IntRange(min = -25, max = 15) int k1) {
    // Not much taller than wide: far out, -0.25 r^2 folds the picture over.
    checkScene(w, w * 5 / 8 + taller, Distortion.of("plumb_bob", k1 / 100.0), PixelFormat.RGB8, 0);
  }

  @Test
  void isTheAreaResizeWhereThereIsNoDistortion() {
    // Whole factors: a linear ramp stays one, the border pixels aside.
    CameraModel lens = camera(64, 40, 50);
    byte[] ramp = new byte[64 * 40 * 3];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = (byte) (i / 3 % 64 * 3 + i % 3);
    }
    float[] straight = new float[(int) (SMALL.patchesBytes() / 4)];
    float[] bent = straight.clone();
    new ResizePatchify(64, 40, PixelFormat.BGR8, SMALL)
        .patchify(MemorySegment.ofArray(ramp), 192, MemorySegment.ofArray(straight));
    new UndistortPatchify(lens, Distortion.NONE, lens, PixelFormat.BGR8, SMALL)
        .patchify(MemorySegment.ofArray(ramp), 192, MemorySegment.ofArray(bent));
    for (int i = 0; i < straight.length; i++) {
      // In units of 1/128 grey level.
      assertEquals(straight[i] * 255, bent[i] * 255, 0.005, "value " + i);
    }
  }

  @Test
  void aPictureIsNotSeenInTheNext() {
    CameraModel lens = camera(64, 40, 60);
    Distortion bent = Distortion.of("plumb_bob", -0.2);
    byte[] noise = new byte[64 * 40 * 3];
    for (int width : new int[] {32, 16}) {
      PatchSpec spec = PatchSpec.of(width, 20, 4, 0f, 1f);
      var kernel = new UndistortPatchify(lens, bent, lens, PixelFormat.BGR8, spec);
      for (int seed = 0; seed < 3; seed++) {
        new java.util.Random(seed).nextBytes(noise);
        float[] after = new float[(int) (spec.patchesBytes() / 4)];
        float[] alone = after.clone();
        kernel.patchify(MemorySegment.ofArray(noise), 192, MemorySegment.ofArray(after));
        new UndistortPatchify(lens, bent, lens, PixelFormat.BGR8, spec)
            .patchify(MemorySegment.ofArray(noise), 192, MemorySegment.ofArray(alone));
        assertArrayEquals(alone, after);
      }
    }
  }

  @Test
  void whatTheLensNeverSawIsBlack() {
    CameraModel lens = camera(64, 40, 60);
    CameraModel wider = camera(64, 40, 20);
    byte[] white = new byte[64 * 40 * 3];
    java.util.Arrays.fill(white, (byte) 255);
    for (PixelFormat format : new PixelFormat[] {PixelFormat.RGB8, PixelFormat.BGR8}) {
      var kernel = new UndistortPatchify(lens, Distortion.NONE, wider, format, SMALL);
      float[] patches = new float[(int) (SMALL.patchesBytes() / 4)];
      kernel.patchify(MemorySegment.ofArray(white), 192, MemorySegment.ofArray(patches));
      assertEquals(0, patches[0], 1e-6);
      assertEquals(1, patches[(2 * 8 + 4) * 48], 1e-6);
      double[] uv = new double[2];
      kernel.source(0, 0, uv);
      assertTrue(Double.isNaN(uv[0]));
    }
  }

  @Test
  void allocatesNothingAndChecksItsBuffers() {
    CameraModel lens = camera(320, 200, 250);
    var kernel =
        new UndistortPatchify(
            lens, Distortion.of("plumb_bob", -0.2), lens, PixelFormat.BGR8, SMALL);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment src = arena.allocate(320 * 200 * 3).fill((byte) 9);
      MemorySegment out = arena.allocate(SMALL.patchesBytes());
      Allocation.assertNone(30, () -> kernel.patchify(src, 960, out));
      assertEquals(9, out.get(ValueLayout.JAVA_FLOAT, 10 * 48 * 4) * 255, 1e-3);
      MemorySegment cut = src.asSlice(0, 5000);
      assertThrows(IllegalArgumentException.class, () -> kernel.patchify(cut, 960, out));
      assertThrows(IllegalArgumentException.class, () -> kernel.patchify(src, 960, cut));
    }
  }
}
