package saccade.nodes.zenoh.rmw;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Global ids of rmw_zenoh: XXH3, 128 bits, seed 0, of an entity's whole liveliness key; low half
 * first, both little endian (xxHash specification, XXH3_128bits; rmw_zenoh simplified_xxhash3.cpp).
 */
public final class Gid {
  /** Bytes of an id. */
  public static final int BYTES = 16;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long P32_1 = 0x9E3779B1L;
  private static final long P32_2 = 0x85EBCA77L;
  private static final long P32_3 = 0xC2B2AE3DL;
  private static final long P64_1 = 0x9E3779B185EBCA87L;
  private static final long P64_2 = 0xC2B2AE3D27D4EB4FL;
  private static final long P64_3 = 0x165667B19E3779F9L;
  private static final long P64_4 = 0x85EBCA77C2B2AE63L;
  private static final long P64_5 = 0x27D4EB2F165667C5L;
  private static final long MIX_1 = 0x165667919E3779F9L;
  private static final long MIX_2 = 0x9FB21C651E98DF25L;
  private static final byte[] SECRET =
      HexFormat.of()
          .parseHex(
              "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
                  + "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
                  + "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
                  + "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
                  + "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
                  + "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e");

  private Gid() {}

  /** The id of the entity whose token is {@code liveliness}: 16 bytes. */
  public static byte[] of(String liveliness) {
    byte[] in = liveliness.getBytes(StandardCharsets.UTF_8);
    long[] h = hash(in);
    byte[] out = new byte[BYTES];
    LONG.set(out, 0, h[0]);
    LONG.set(out, 8, h[1]);
    return out;
  }

  /** {low, high} of the 128 bits. */
  static long[] hash(byte[] in) {
    int n = in.length;
    if (n > 240) {
      return longInput(in);
    }
    if (n > 128) {
      return upTo240(in);
    }
    if (n > 16) {
      return upTo128(in);
    }
    if (n > 8) {
      return upTo16(in);
    }
    if (n > 3) {
      return upTo8(in);
    }
    return n > 0 ? upTo3(in) : empty();
  }

  private static long l(byte[] in, int at) {
    return (long) LONG.get(in, at);
  }

  private static long i(byte[] in, int at) {
    return Integer.toUnsignedLong((int) INT.get(in, at));
  }

  private static long fold(long a, long b) {
    return a * b ^ Math.unsignedMultiplyHigh(a, b);
  }

  private static long avalanche(long h) {
    long x = (h ^ h >>> 37) * MIX_1;
    return x ^ x >>> 32;
  }

  private static long avalanche64(long h) {
    long x = (h ^ h >>> 33) * P64_2;
    x = (x ^ x >>> 29) * P64_3;
    return x ^ x >>> 32;
  }

  private static long[] empty() {
    return new long[] {
      avalanche64(l(SECRET, 64) ^ l(SECRET, 72)), avalanche64(l(SECRET, 80) ^ l(SECRET, 88))
    };
  }

  private static long[] upTo3(byte[] in) {
    int n = in.length;
    int c1 = in[0] & 0xFF;
    int c2 = in[n >> 1] & 0xFF;
    int c3 = in[n - 1] & 0xFF;
    int low = c1 << 16 | c2 << 24 | c3 | n << 8;
    int high = Integer.rotateLeft(Integer.reverseBytes(low), 13);
    long flipLow = i(SECRET, 0) ^ i(SECRET, 4);
    long flipHigh = i(SECRET, 8) ^ i(SECRET, 12);
    return new long[] {
      avalanche64(Integer.toUnsignedLong(low) ^ flipLow),
      avalanche64(Integer.toUnsignedLong(high) ^ flipHigh)
    };
  }

  private static long[] upTo8(byte[] in) {
    int n = in.length;
    long word = i(in, 0) + (i(in, n - 4) << 32);
    long keyed = word ^ (l(SECRET, 16) ^ l(SECRET, 24));
    long factor = P64_1 + ((long) n << 2);
    long low = keyed * factor;
    long high = Math.unsignedMultiplyHigh(keyed, factor);
    high += low << 1;
    low ^= high >>> 3;
    low = (low ^ low >>> 35) * MIX_2;
    low ^= low >>> 28;
    return new long[] {low, avalanche(high)};
  }

  private static long[] upTo16(byte[] in) {
    int n = in.length;
    long flipLow = l(SECRET, 32) ^ l(SECRET, 40);
    long flipHigh = l(SECRET, 48) ^ l(SECRET, 56);
    long first = l(in, 0);
    long last = l(in, n - 8);
    long word = first ^ last ^ flipLow;
    long low = word * P64_1;
    long high = Math.unsignedMultiplyHigh(word, P64_1);
    low += (long) (n - 1) << 54;
    last ^= flipHigh;
    high += last + (last & 0xFFFF_FFFFL) * (P32_2 - 1);
    low ^= Long.reverseBytes(high);
    long outLow = low * P64_2;
    long outHigh = Math.unsignedMultiplyHigh(low, P64_2) + high * P64_2;
    return new long[] {avalanche(outLow), avalanche(outHigh)};
  }

  private static long mix16(byte[] in, int at, int secret) {
    return fold(l(in, at) ^ l(SECRET, secret), l(in, at + 8) ^ l(SECRET, secret + 8));
  }

  /** {low, high} after 32 more bytes: 16 at {@code a}, 16 at {@code b}. */
  private static void mix32(long[] acc, byte[] in, int a, int b, int secret) {
    acc[0] = acc[0] + mix16(in, a, secret) ^ l(in, b) + l(in, b + 8);
    acc[1] = acc[1] + mix16(in, b, secret + 16) ^ l(in, a) + l(in, a + 8);
  }

  private static long[] finish(long[] acc, int n) {
    long low = acc[0] + acc[1];
    long high = acc[0] * P64_1 + acc[1] * P64_4 + n * P64_2;
    return new long[] {avalanche(low), -avalanche(high)};
  }

  private static long[] upTo128(byte[] in) {
    int n = in.length;
    long[] acc = {n * P64_1, 0};
    for (int k = (n - 1) / 32; k >= 0; k--) {
      mix32(acc, in, 16 * k, n - 16 * (k + 1), 32 * k);
    }
    return finish(acc, n);
  }

  private static long[] upTo240(byte[] in) {
    int n = in.length;
    long[] acc = {n * P64_1, 0};
    for (int at = 32; at < 160; at += 32) {
      mix32(acc, in, at - 32, at - 16, at - 32);
    }
    acc[0] = avalanche(acc[0]);
    acc[1] = avalanche(acc[1]);
    for (int at = 160; at <= n; at += 32) {
      mix32(acc, in, at - 32, at - 16, 3 + at - 160);
    }
    mix32(acc, in, n - 16, n - 32, 136 - 17 - 16);
    return finish(acc, n);
  }

  private static long[] longInput(byte[] in) {
    int n = in.length;
    long[] acc = {P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1};
    int stripes = (SECRET.length - 64) / 8;
    int block = 64 * stripes;
    int blocks = (n - 1) / block;
    for (int b = 0; b < blocks; b++) {
      for (int s = 0; s < stripes; s++) {
        accumulate(acc, in, b * block + 64 * s, 8 * s);
      }
      for (int lane = 0; lane < 8; lane++) {
        long x = acc[lane];
        acc[lane] = (x ^ x >>> 47 ^ l(SECRET, SECRET.length - 64 + 8 * lane)) * P32_1;
      }
    }
    int rest = (n - 1 - block * blocks) / 64;
    for (int s = 0; s < rest; s++) {
      accumulate(acc, in, blocks * block + 64 * s, 8 * s);
    }
    accumulate(acc, in, n - 64, SECRET.length - 64 - 7);
    return new long[] {
      merge(acc, 11, n * P64_1), merge(acc, SECRET.length - 64 - 11, ~(n * P64_2))
    };
  }

  private static void accumulate(long[] acc, byte[] in, int at, int secret) {
    for (int lane = 0; lane < 8; lane++) {
      long data = l(in, at + 8 * lane);
      long key = data ^ l(SECRET, secret + 8 * lane);
      acc[lane ^ 1] += data;
      acc[lane] += (key & 0xFFFF_FFFFL) * (key >>> 32);
    }
  }

  private static long merge(long[] acc, int secret, long start) {
    long out = start;
    for (int k = 0; k < 4; k++) {
      out +=
          fold(
              acc[2 * k] ^ l(SECRET, secret + 16 * k),
              acc[2 * k + 1] ^ l(SECRET, secret + 16 * k + 8));
    }
    return avalanche(out);
  }
}
