package saccade.kernels.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import saccade.kernels.Allocation;

class ResizePatchifyTest {
  private static final PatchSpec NANO = PatchSpec.of(224, 128, 4, .5f, .25f);

  @Test
  void shouldHalveAndNormaliseAsWorkedByHand() {
    // One output pixel from 2x2 BGR pixels. Blue 0,10,20,30 -> 15; green 100 x3, 103 -> 100.75;
    // red 255 -> 255. Normalised (v/255 - .5) / .25: red 2, green -0.4196078, blue -1.7647059.
    byte[] src = bytes(0, 100, 255, 10, 100, 255, 20, 100, 255, 30, 103, 255);
    PatchSpec spec = PatchSpec.of(1, 1, 1, .5f, .25f);
    var resize = new ResizePatchify(2, 2, PixelFormat.BGR8, spec);
    assertArrayEquals(new float[] {2f, -0.4196078f, -1.7647059f}, patches(resize, src, 6), 1e-6f);
    assertArrayEquals(bytes(255, 101, 15), rgb8(resize, src, 6));
  }

  @Test
  void shouldWeighFractionalFactorsByCoveredArea() {
    // 3 -> 2 pixels: (1 * 30 + .5 * 60) / 1.5 = 40 and (.5 * 60 + 1 * 90) / 1.5 = 80.
    byte[] src = bytes(30, 30, 30, 60, 60, 60, 90, 90, 90);
    var resize = new ResizePatchify(3, 1, PixelFormat.RGB8, PatchSpec.of(2, 1, 1, 0f, 1f));
    assertArrayEquals(bytes(40, 40, 40, 80, 80, 80), rgb8(resize, src, 9));
  }

  @Test
  void shouldInterpolateBetweenPixelCentresWhenGrowing() {
    // 2 -> 4 pixels: edges repeat, between them 3:1 and 1:3.
    byte[] src = bytes(0, 40, 80, 100, 80, 40);
    var resize = new ResizePatchify(2, 1, PixelFormat.RGB8, PatchSpec.of(4, 1, 1, 0f, 1f));
    assertArrayEquals(bytes(0, 40, 80, 25, 50, 70, 75, 70, 50, 100, 80, 40), rgb8(resize, src, 6));
  }

  @Test
  void shouldOrderPatchesRowByRowAndPixelsWithinAPatch() {
    // Same size in and out, so that each float tells which pixel it came from.
    int w = 12;
    int h = 8;
    byte[] src = new byte[w * h * 3];
    for (int i = 0; i < src.length; i++) {
      src[i] = (byte) (i % 251);
    }
    PatchSpec spec = PatchSpec.of(w, h, 4, 0f, 1f);
    var resize = new ResizePatchify(w, h, PixelFormat.RGB8, spec);
    float[] patches = patches(resize, src, w * 3);
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        for (int c = 0; c < 3; c++) {
          int patch = y / 4 * 3 + x / 4;
          float found = patches[patch * 48 + (y % 4 * 4 + x % 4) * 3 + c];
          assertEquals((y * w + x) * 3 + c, found * 255 + delta(y, x, c, w), 1e-3);
        }
      }
    }
  }

  private static int delta(int y, int x, int c, int w) {
    int i = (y * w + x) * 3 + c;
    return i - i % 251;
  }

  @Property(tries = 300)
  void shouldEqualTheNaiveTwinAtAnySizeStrideAndFormat(
      @ForAll @IntRange(min = 1, max = 70) int w,
      @ForAll @IntRange(min = 1, max = 40) int h,
      @ForAll @IntRange(min = 1, max = 9) int patchCols,
      @ForAll @IntRange(min = 1, max = 5) int patchRows,
      @ForAll @IntRange(min = 1, max = 5) int patchPx,
      @ForAll @IntRange(min = 0, max = 7) int padding,
      @ForAll PixelFormat format,
      @ForAll long seed) {
    PatchSpec spec =
        new PatchSpec(
            patchCols * patchPx, patchRows * patchPx, patchPx, .4f, .5f, .6f, .2f, .25f, .3f);
    int evenW = format.isYuv() ? w + w % 2 : w;
    int evenH = format == PixelFormat.NV12 ? h + h % 2 : h;
    int stride = (int) format.rowBytes(evenW) + padding;
    // The last row ends without padding.
    byte[] src = new byte[(int) format.pictureBytes(evenW, evenH, stride)];
    new Random(seed).nextBytes(src);
    checkAgainstNaive(spec, evenW, evenH, stride, format, src);
  }

  @ParameterizedTest
  @CsvSource({
    "448,256",
    "1242,375",
    "640,480",
    "224,128",
    "640,128",
    "448,128",
    "224,256",
    "100,60",
    "447,255"
  })
  void shouldEqualTheNaiveTwinAtTheModelsSize(int w, int h) {
    byte[] src = new byte[3 * w * h];
    new Random(w).nextBytes(src);
    var resize = new ResizePatchify(w, h, PixelFormat.BGR8, NANO);
    float[] patches = patches(resize, src, 3 * w);
    Random pick = new Random(h);
    for (int i = 0; i < 300; i++) {
      checkOne(
          NANO,
          w,
          h,
          3 * w,
          PixelFormat.BGR8,
          src,
          patches,
          pick.nextInt(224),
          pick.nextInt(128),
          pick.nextInt(3));
    }
  }

  @Property(tries = 100)
  void shouldHalveToTheExactMeanBitForBit(
      @ForAll @IntRange(min = 1, max = 12) int patchCols,
      @ForAll @IntRange(min = 1, max = 4) int patchRows,
      @ForAll @IntRange(min = 0, max = 9) int padding,
      @ForAll @IntRange(min = 0, max = 9) int before,
      @ForAll boolean blueFirst,
      @ForAll boolean oneGain,
      @ForAll long seed) {
    int width = 4 * patchCols;
    int height = 4 * patchRows;
    PatchSpec spec =
        oneGain
            ? PatchSpec.of(width, height, 4, .5f, .25f)
            : new PatchSpec(width, height, 4, .4f, .5f, .6f, .2f, .25f, .3f);
    PixelFormat format = blueFirst ? PixelFormat.BGR8 : PixelFormat.RGB8;
    assertTrue(HalvedPatches.fits(2 * width, 2 * height, format, spec));
    int stride = 6 * width + padding;
    // The picture begins anywhere, and its last row ends without padding.
    byte[] src = new byte[before + (int) format.pictureBytes(2 * width, 2 * height, stride)];
    new Random(seed).nextBytes(src);
    var resize = new ResizePatchify(2 * width, 2 * height, format, spec);
    float[] found = new float[width * height * 3];
    resize.patchify(
        MemorySegment.ofArray(src).asSlice(before), stride, MemorySegment.ofArray(found));
    float[] gain = new float[3];
    float[] bias = new float[3];
    spec.gains(gain, bias);
    for (int i = 0; i < found.length; i++) {
      int patch = i / 48;
      int x = patch % patchCols * 4 + i / 3 % 4;
      int y = patch / patchCols * 4 + i % 48 / 12;
      int channel = i % 3;
      int at = before + 2 * y * stride + 6 * x + (blueFirst ? 2 - channel : channel);
      int sum =
          (src[at] & 0xff)
              + (src[at + 3] & 0xff)
              + (src[at + stride] & 0xff)
              + (src[at + stride + 3] & 0xff);
      assertEquals(sum / 4f * gain[channel] + bias[channel], found[i], 0f);
    }
  }

  @Test
  void shouldHalveOnlyWhatIsExactlyTwiceTheModelsPictureInThreeBytes() {
    for (PixelFormat format : PixelFormat.values()) {
      boolean threeBytes = format == PixelFormat.BGR8 || format == PixelFormat.RGB8;
      assertEquals(threeBytes, HalvedPatches.fits(448, 256, format, NANO));
    }
    assertFalse(HalvedPatches.fits(447, 256, PixelFormat.BGR8, NANO));
    assertFalse(HalvedPatches.fits(448, 255, PixelFormat.BGR8, NANO));
    assertFalse(HalvedPatches.fits(224, 128, PixelFormat.BGR8, NANO));
    assertFalse(HalvedPatches.fits(896, 512, PixelFormat.BGR8, NANO));
    assertFalse(
        HalvedPatches.fits(448, 256, PixelFormat.BGR8, PatchSpec.of(224, 128, 8, .5f, .25f)));
  }

  private static void checkAgainstNaive(
      PatchSpec spec, int w, int h, int stride, PixelFormat format, byte[] src) {
    var resize = new ResizePatchify(w, h, format, spec);
    float[] patches = patches(resize, src, stride);
    byte[] rgb = rgb8(resize, src, stride);
    for (int y = 0; y < spec.heightPx(); y++) {
      for (int x = 0; x < spec.widthPx(); x++) {
        for (int c = 0; c < 3; c++) {
          double v = checkOne(spec, w, h, stride, format, src, patches, x, y, c);
          int found = rgb[(y * spec.widthPx() + x) * 3 + c] & 0xff;
          assertTrue(Math.abs(found - v) <= 0.5 + 1e-3, "rgb8 " + found + " for " + v);
        }
      }
    }
  }

  private static double checkOne(
      PatchSpec spec,
      int w,
      int h,
      int stride,
      PixelFormat format,
      byte[] src,
      float[] patches,
      int x,
      int y,
      int c) {
    double v =
        NaiveResize.value(src, stride, w, h, format, spec.widthPx(), spec.heightPx(), x, y, c);
    int p = spec.patchPx();
    int at = (y / p * spec.patchCols() + x / p) * spec.patchFloats() + (y % p * p + x % p) * 3 + c;
    assertEquals((v / 255 - spec.mean(c)) / spec.std(c), patches[at], 3e-5);
    return v;
  }

  @Test
  void shouldRoundHalvesUpWhenHalving() {
    // 1 + 1 + 0 + 0 = 2 of 4: exactly one half.
    byte[] src = bytes(1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0);
    var resize = new ResizePatchify(2, 2, PixelFormat.RGB8, PatchSpec.of(1, 1, 1, 0f, 1f));
    assertArrayEquals(bytes(1, 1, 1), rgb8(resize, src, 6));
  }

  @Test
  void shouldKeepWhiteWhiteAndBlackBlackAtFractionalFactors() {
    for (int level : new int[] {0, 255}) {
      byte[] src = new byte[1242 * 375 * 3];
      Arrays.fill(src, (byte) level);
      var resize = new ResizePatchify(1242, 375, PixelFormat.RGB8, NANO);
      for (byte b : rgb8(resize, src, 1242 * 3)) {
        assertEquals(level, b & 0xff);
      }
    }
  }

  @Test
  void shouldReadACropThroughASliceWithTheWholePicturesStride() {
    int stride = 3 * 20;
    byte[] whole = new byte[stride * 10];
    new Random(5).nextBytes(whole);
    byte[] cropped = new byte[8 * 4 * 3];
    for (int y = 0; y < 4; y++) {
      System.arraycopy(whole, (y + 3) * stride + 3 * 6, cropped, y * 24, 24);
    }
    var resize = new ResizePatchify(8, 4, PixelFormat.RGB8, PatchSpec.of(4, 4, 2, 0f, 1f));
    MemorySegment slice = MemorySegment.ofArray(whole).asSlice(3 * stride + 3 * 6);
    byte[] found = new byte[48];
    resize.resizeRgb8(slice, stride, MemorySegment.ofArray(found));
    assertArrayEquals(rgb8(resize, cropped, 24), found);
  }

  @Test
  void shouldTurnYuvGreyAndPrimariesToRgb() {
    // BT.601, limited range: Y 126 is (126 - 16) * 1.164 = 128; pure red is Y 81, U 90, V 240.
    PatchSpec spec = PatchSpec.of(1, 1, 1, 0f, 1f);
    byte[] grey = bytes(128, 126, 128, 126);
    byte[] red = bytes(90, 81, 240, 81);
    var uyvy = new ResizePatchify(2, 1, PixelFormat.UYVY, spec);
    assertArrayEquals(bytes(128, 128, 128), rgb8(uyvy, grey, 4));
    assertArrayEquals(bytes(254, 0, 0), rgb8(uyvy, red, 4));
    var yuyv = new ResizePatchify(2, 1, PixelFormat.YUYV, spec);
    assertArrayEquals(bytes(254, 0, 0), rgb8(yuyv, bytes(81, 90, 81, 240), 4));
    var nv12 = new ResizePatchify(2, 2, PixelFormat.NV12, spec);
    assertArrayEquals(bytes(254, 0, 0), rgb8(nv12, bytes(81, 81, 81, 81, 90, 240), 2));
  }

  @Test
  void shouldKnowTheEncodingsOfRosImages() {
    for (PixelFormat format : PixelFormat.values()) {
      assertEquals(format, PixelFormat.ofRos(format.rosEncoding()));
    }
    var error =
        assertThrows(IllegalArgumentException.class, () -> PixelFormat.ofRos("bayer_rggb8"));
    assertTrue(error.getMessage().contains("bayer_rggb8"), error.getMessage());
    assertThrows(
        IllegalArgumentException.class, () -> new ResizePatchify(5, 4, PixelFormat.UYVY, NANO));
    assertThrows(
        IllegalArgumentException.class, () -> new ResizePatchify(4, 5, PixelFormat.NV12, NANO));
  }

  @Test
  void shouldSayWantedAndFoundWhenThePictureIsTruncated() {
    var resize = new ResizePatchify(448, 256, PixelFormat.BGR8, NANO);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(NANO.patchesBytes());
      MemorySegment cut = arena.allocate(1000);
      var error =
          assertThrows(IllegalArgumentException.class, () -> resize.patchify(cut, 448 * 3, out));
      assertTrue(error.getMessage().contains("wanted >= 344064 B"), error.getMessage());
      assertTrue(error.getMessage().contains("found 1000 B"), error.getMessage());
      MemorySegment full = arena.allocate(448 * 256 * 3);
      error = assertThrows(IllegalArgumentException.class, () -> resize.patchify(full, 448, out));
      assertTrue(error.getMessage().contains("stride of >= 1344 B"), error.getMessage());
      error =
          assertThrows(IllegalArgumentException.class, () -> resize.patchify(full, 448 * 3, cut));
      assertTrue(error.getMessage().contains("wanted >= 344064 B"), error.getMessage());
    }
  }

  @Test
  void shouldRefuseSizesThatPatchesDoNotDivide() {
    var error =
        assertThrows(IllegalArgumentException.class, () -> PatchSpec.of(226, 128, 4, .5f, .25f));
    assertTrue(error.getMessage().contains("found 226x128"), error.getMessage());
    assertThrows(IllegalArgumentException.class, () -> PatchSpec.of(224, 128, 0, .5f, .25f));
    assertThrows(IllegalArgumentException.class, () -> PatchSpec.of(224, 128, 4, .5f, 0f));
    assertThrows(IllegalArgumentException.class, () -> PatchSpec.of(224, 128, 4, Float.NaN, .25f));
    assertThrows(
        IllegalArgumentException.class, () -> new ResizePatchify(0, 5, PixelFormat.RGB8, NANO));
  }

  @ParameterizedTest
  @CsvSource({"448,256", "640,480", "321,203"})
  void shouldAllocateNothing(int w, int h) {
    for (PixelFormat format : PixelFormat.values()) {
      if (format.fits(w, h) && format != PixelFormat.BGR8) {
        var other = new ResizePatchify(w, h, format, NANO);
        try (Arena arena = Arena.ofConfined()) {
          long stride = format.rowBytes(w);
          MemorySegment src = arena.allocate(format.pictureBytes(w, h, stride));
          MemorySegment patches = arena.allocate(NANO.patchesBytes());
          Allocation.assertNone(20, () -> other.patchify(src, stride, patches));
        }
      }
    }
    var resize = new ResizePatchify(w, h, PixelFormat.BGR8, NANO);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment src = arena.allocate((long) w * h * 3).fill((byte) 77);
      MemorySegment patches = arena.allocate(NANO.patchesBytes());
      MemorySegment rgb = arena.allocate(NANO.rgb8Bytes());
      Allocation.assertNone(
          100,
          () -> {
            resize.patchify(src, 3L * w, patches);
            resize.resizeRgb8(src, 3L * w, rgb);
          });
      assertEquals(77, rgb.get(ValueLayout.JAVA_BYTE, NANO.rgb8Bytes() - 1));
      assertEquals(
          (77 / 255f - .5f) / .25f,
          patches.get(ValueLayout.JAVA_FLOAT_UNALIGNED, NANO.patchesBytes() - 4),
          1e-5f);
    }
  }

  private static float[] patches(ResizePatchify resize, byte[] src, int stride) {
    int n = (int) (resize.spec().patchesBytes() / 4);
    float[] out = new float[n + 3];
    Arrays.fill(out, 9e9f);
    resize.patchify(MemorySegment.ofArray(src), stride, MemorySegment.ofArray(out));
    for (int i = n; i < out.length; i++) {
      assertEquals(9e9f, out[i], "wrote behind the patches");
    }
    for (int i = 0; i < n; i++) {
      assertNotEquals(9e9f, out[i], "left a patch value out");
    }
    return Arrays.copyOf(out, n);
  }

  private static byte[] rgb8(ResizePatchify resize, byte[] src, int stride) {
    int n = (int) resize.spec().rgb8Bytes();
    byte[] out = new byte[n + 1];
    out[n] = 42;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment offHeap = arena.allocate(src.length);
      MemorySegment.copy(src, 0, offHeap, ValueLayout.JAVA_BYTE, 0, src.length);
      resize.resizeRgb8(offHeap, stride, MemorySegment.ofArray(out));
    }
    assertEquals(42, out[n], "wrote behind the picture");
    return Arrays.copyOf(out, n);
  }

  private static byte[] bytes(int... values) {
    byte[] out = new byte[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) values[i];
    }
    return out;
  }
}
