package saccade.nodes.dashboard;

import java.util.Arrays;

/**
 * Baseline JPEG (ITU-T T.81, JFIF 1.02) with chroma halved both ways and the standard's example
 * tables: it takes the pixels as they lie and makes no garbage but the result. One thread; reused.
 *
 * <p>Forward DCT: Y. Arai, T. Agui, M. Nakajima, A fast DCT-SQ scheme for images, 1988, five
 * multiplications for eight values; what it leaves unscaled goes into the quantiser. Scaling of the
 * tables by quality: as the Independent JPEG Group does it.
 */
final class JpegEncoder {
  private static final float ROUND = 16384.5f; // makes all positive, so that cutting rounds

  private static final int[] ZIGZAG = {
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63
  };

  // T.81 tables K.1 and K.2, row by row.
  private static final int[] LUMA = {
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
    92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99
  };
  private static final int[] CHROMA = {
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99
  };

  // T.81 tables K.3 to K.6: codes of each length 1..16, then the values.
  private static final int[] DC_COUNTS = {0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0};
  private static final int[] DC_CHROMA_COUNTS = {0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0};
  private static final int[] DC_VALUES = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  private static final int[] AC_COUNTS = {0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125};
  private static final int[] AC_CHROMA_COUNTS = {0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119};
  private static final int[] AC_VALUES =
      hex(
          "0102030004110512213141061351610722711432 8191a1082342b1c11552d1f02433627282090a161718191a"
              + "25262728292a3435363738393a434445464748494a535455565758595a636465666768696a73747576"
              + "7778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3"
              + "c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa");
  private static final int[] AC_CHROMA_VALUES =
      hex(
          "0001020311040521310612415107617113223281 08144291a1b1c109233352f0156272d10a162434e125f117"
              + "18191a262728292a35363738393a434445464748494a535455565758595a636465666768696a737475"
              + "767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9ba"
              + "c2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa");

  private static final int[] DC = codes(DC_COUNTS, DC_VALUES); // code << 5 | length
  private static final int[] DC_C = codes(DC_CHROMA_COUNTS, DC_VALUES);
  private static final int[] AC = codes(AC_COUNTS, AC_VALUES);
  private static final int[] AC_C = codes(AC_CHROMA_COUNTS, AC_CHROMA_VALUES);

  private final byte[] lumaTable = new byte[64]; // as written, zigzag
  private final byte[] chromaTable = new byte[64];
  private final float[] lumaScale = new float[64]; // 1 / (step x what the DCT leaves)
  private final float[] chromaScale = new float[64];
  private final float[] block = new float[64];
  private final float[][] luma = new float[4][64]; // of one 16x16 unit
  private final float[] cb = new float[64];
  private final float[] cr = new float[64];
  private final int[] rounded = new int[64]; // row by row
  private final int[] quantised = new int[64]; // zigzag
  private byte[] out = new byte[1 << 16];
  private int length;
  private long bits; // from the left of the low `pending`
  private int pending;

  /**
   * @param quality 1..100
   */
  JpegEncoder(int quality) {
    if (quality < 1 || quality > 100) {
      throw new IllegalArgumentException("quality: expected 1..100, found " + quality);
    }
    int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    double[] left = new double[8];
    for (int i = 0; i < 8; i++) {
      left[i] = i == 0 ? 1 : Math.cos(i * Math.PI / 16) * Math.sqrt(2);
    }
    for (int i = 0; i < 64; i++) {
      int at = ZIGZAG[i];
      int l = Math.clamp((LUMA[at] * scale + 50) / 100, 1, 255);
      int c = Math.clamp((CHROMA[at] * scale + 50) / 100, 1, 255);
      lumaTable[i] = (byte) l;
      chromaTable[i] = (byte) c;
      double share = 8 * left[at / 8] * left[at % 8];
      lumaScale[at] = (float) (1 / (l * share));
      chromaScale[at] = (float) (1 / (c * share));
    }
  }

  private static int[] hex(String digits) {
    String bytes = digits.replace(" ", "");
    int[] values = new int[bytes.length() / 2];
    for (int i = 0; i < values.length; i++) {
      values[i] = Integer.parseInt(bytes, 2 * i, 2 * i + 2, 16);
    }
    return values;
  }

  private static int[] codes(int[] counts, int[] values) {
    int[] codes = new int[256];
    int code = 0;
    int at = 0;
    for (int bits = 1; bits <= 16; bits++) {
      for (int i = 0; i < counts[bits - 1]; i++) {
        codes[values[at++]] = code++ << 5 | bits;
      }
      code <<= 1;
    }
    return codes;
  }

  /**
   * A picture as JPEG.
   *
   * @param bgr (heightPx, widthPx, 3) blue, green, red; the caller's
   * @return a fresh array
   */
  byte[] encode(byte[] bgr, int widthPx, int heightPx) {
    length = 0;
    bits = 0;
    pending = 0;
    head(widthPx, heightPx);
    int lastY = 0;
    int lastCb = 0;
    int lastCr = 0;
    for (int y = 0; y < heightPx; y += 16) {
      for (int x = 0; x < widthPx; x += 16) {
        room(6 * 64 * 4);
        unit(bgr, widthPx, heightPx, x, y);
        for (float[] quarter : luma) {
          lastY = block(quarter, lumaScale, lastY, DC, AC);
        }
        lastCb = block(cb, chromaScale, lastCb, DC_C, AC_C);
        lastCr = block(cr, chromaScale, lastCr, DC_C, AC_C);
      }
    }
    room(16);
    if (pending > 0) {
      put((1 << 8 - pending % 8) - 1, (8 - pending % 8) % 8); // ones up to the byte's end
    }
    word(0xFFD9);
    return Arrays.copyOf(out, length);
  }

  /** 16x16 pixels to four blocks of Y and one each of Cb, Cr; beyond the edge it goes on. */
  private void unit(byte[] bgr, int width, int height, int left, int top) {
    for (int by = 0; by < 8; by++) {
      int row0 = Math.min(top + 2 * by, height - 1) * width;
      int row1 = Math.min(top + 2 * by + 1, height - 1) * width;
      for (int bx = 0; bx < 8; bx++) {
        int x0 = Math.min(left + 2 * bx, width - 1);
        int x1 = Math.min(left + 2 * bx + 1, width - 1);
        float[] quarter = luma[by / 4 * 2 + bx / 4];
        int to = by % 4 * 16 + bx % 4 * 2;
        int p = 3 * (row0 + x0);
        int b0 = bgr[p] & 0xFF;
        int g0 = bgr[p + 1] & 0xFF;
        int r0 = bgr[p + 2] & 0xFF;
        p = 3 * (row0 + x1);
        int b1 = bgr[p] & 0xFF;
        int g1 = bgr[p + 1] & 0xFF;
        int r1 = bgr[p + 2] & 0xFF;
        p = 3 * (row1 + x0);
        int b2 = bgr[p] & 0xFF;
        int g2 = bgr[p + 1] & 0xFF;
        int r2 = bgr[p + 2] & 0xFF;
        p = 3 * (row1 + x1);
        int b3 = bgr[p] & 0xFF;
        int g3 = bgr[p + 1] & 0xFF;
        int r3 = bgr[p + 2] & 0xFF;
        quarter[to] = luma(r0, g0, b0);
        quarter[to + 1] = luma(r1, g1, b1);
        quarter[to + 8] = luma(r2, g2, b2);
        quarter[to + 9] = luma(r3, g3, b3);
        int blue = b0 + b1 + b2 + b3;
        int green = g0 + g1 + g2 + g3;
        int red = r0 + r1 + r2 + r3;
        int at = 8 * by + bx;
        cb[at] = -0.042184f * red - 0.082816f * green + 0.125f * blue;
        cr[at] = 0.125f * red - 0.104672f * green - 0.020328f * blue;
      }
    }
  }

  /** In 16.16, so that one conversion to float is enough. */
  private static float luma(int r, int g, int b) {
    return (19595 * r + 38470 * g + 7471 * b + 32768 >> 16) - 128;
  }

  /** One block into the stream; its DC value. */
  private int block(float[] values, float[] scale, int lastDc, int[] dc, int[] ac) {
    System.arraycopy(values, 0, block, 0, 64);
    for (int i = 0; i < 64; i += 8) {
      dct(block, i, 1);
    }
    for (int i = 0; i < 8; i++) {
      dct(block, i, 8);
    }
    for (int i = 0; i < 64; i++) {
      rounded[i] = (int) (block[i] * scale[i] + ROUND) - (int) ROUND;
    }
    int last = 0;
    for (int i = 0; i < 64; i++) {
      int q = rounded[ZIGZAG[i]];
      quantised[i] = q;
      last = q != 0 ? i : last;
    }
    coefficient(quantised[0] - lastDc, 0, dc);
    int zeros = 0;
    for (int i = 1; i <= last; i++) {
      if (quantised[i] == 0) {
        zeros++;
        continue;
      }
      while (zeros > 15) {
        put(ac[0xF0] >> 5, ac[0xF0] & 31);
        zeros -= 16;
      }
      coefficient(quantised[i], zeros, ac);
      zeros = 0;
    }
    if (last < 63) {
      put(ac[0] >> 5, ac[0] & 31);
    }
    return quantised[0];
  }

  /** Its class in bits after so many zeros, then the value; one less when it is negative. */
  private void coefficient(int value, int zeros, int[] table) {
    int size = 32 - Integer.numberOfLeadingZeros(Math.abs(value));
    int code = table[zeros << 4 | size];
    put(code >> 5, code & 31);
    if (size > 0) {
      put((value < 0 ? value - 1 : value) & (1 << size) - 1, size);
    }
  }

  /** Eight values in place, a step apart. */
  private static void dct(float[] d, int from, int step) {
    int i1 = from + step;
    int i2 = i1 + step;
    int i3 = i2 + step;
    int i4 = i3 + step;
    int i5 = i4 + step;
    int i6 = i5 + step;
    int i7 = i6 + step;
    float s07 = d[from] + d[i7];
    float d07 = d[from] - d[i7];
    float s16 = d[i1] + d[i6];
    float d16 = d[i1] - d[i6];
    float s25 = d[i2] + d[i5];
    float d25 = d[i2] - d[i5];
    float s34 = d[i3] + d[i4];
    float d34 = d[i3] - d[i4];
    float a = s07 + s34;
    float b = s16 + s25;
    float c = s07 - s34;
    d[from] = a + b;
    d[i4] = a - b;
    float z1 = (s16 - s25 + c) * 0.70710678f;
    d[i2] = c + z1;
    d[i6] = c - z1;
    float e = d34 + d25;
    float f = d25 + d16;
    float g = d16 + d07;
    float z5 = (e - g) * 0.38268343f;
    float z2 = 0.54119610f * e + z5;
    float z4 = 1.30656296f * g + z5;
    float z3 = f * 0.70710678f;
    float up = d07 + z3;
    float down = d07 - z3;
    d[i5] = down + z2;
    d[i3] = down - z2;
    d[i1] = up + z4;
    d[i7] = up - z4;
  }

  // ---- bytes ----

  private void head(int width, int height) {
    room(1024);
    word(0xFFD8);
    words(0xFFE0, 16, 0x4A46, 0x4946, 0x0001, 0x0200, 0x0001, 0x0001, 0x0000); // JFIF 1.2
    table(0, lumaTable);
    table(1, chromaTable);
    words(0xFFC0, 17);
    out[length++] = 8;
    words(height, width);
    bytes(3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1);
    huffman(0x00, DC_COUNTS, DC_VALUES);
    huffman(0x10, AC_COUNTS, AC_VALUES);
    huffman(0x01, DC_CHROMA_COUNTS, DC_VALUES);
    huffman(0x11, AC_CHROMA_COUNTS, AC_CHROMA_VALUES);
    words(0xFFDA, 12);
    bytes(3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0);
  }

  private void table(int id, byte[] steps) {
    words(0xFFDB, 67);
    out[length++] = (byte) id;
    System.arraycopy(steps, 0, out, length, 64);
    length += 64;
  }

  private void huffman(int id, int[] counts, int[] values) {
    words(0xFFC4, 19 + values.length);
    out[length++] = (byte) id;
    bytes(counts);
    bytes(values);
  }

  private void words(int... values) {
    for (int value : values) {
      word(value);
    }
  }

  private void word(int value) {
    out[length++] = (byte) (value >> 8);
    out[length++] = (byte) value;
  }

  private void bytes(int... values) {
    for (int value : values) {
      out[length++] = (byte) value;
    }
  }

  private void room(int more) {
    if (length + more > out.length) {
      out = Arrays.copyOf(out, Math.max(2 * out.length, length + more));
    }
  }

  private void put(int code, int count) {
    bits = bits << count | code;
    pending += count;
    while (pending >= 8) {
      pending -= 8;
      byte next = (byte) (bits >> pending);
      out[length++] = next;
      if (next == (byte) 0xFF) {
        out[length++] = 0; // so that nobody takes it for a marker
      }
    }
  }
}
