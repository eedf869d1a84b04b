package saccade.kernels.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Sums of 16 bits to the floats a model takes; R, G, B in turn. */
final class Normalise {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  private final float[] gain; // (n)
  private final float[] bias; // (n)
  private final boolean sameForAll; // then two arrays less are read

  /**
   * Prepares rows of n values.
   *
   * @param unitsPerLevel what a grey level of 0..255 counts in the sums
   * @param n values, a multiple of 3
   */
  Normalise(PatchSpec spec, double unitsPerLevel, int n) {
    float[] channelGain = new float[PixelFormat.CHANNELS];
    float[] channelBias = new float[PixelFormat.CHANNELS];
    spec.gains(channelGain, channelBias);
    gain = new float[n];
    bias = new float[n];
    boolean same = true;
    for (int i = 0; i < n; i++) {
      gain[i] = (float) (channelGain[i % PixelFormat.CHANNELS] / unitsPerLevel);
      bias[i] = channelBias[i % PixelFormat.CHANNELS];
      same &= gain[i] == gain[0] && bias[i] == bias[0];
    }
    sameForAll = same;
  }

  /**
   * Makes a row of floats.
   *
   * @param sums i16 little endian (n)
   * @param out f32 (n), wholly overwritten
   */
  void apply(byte[] sums, float[] out) {
    if (sameForAll) {
      scale(sums, gain[0], bias[0], out, gain.length);
    } else {
      scale(sums, gain, bias, out, gain.length);
    }
  }

  private static void scale(byte[] sums, float[] gain, float[] bias, float[] out, int n) {
    for (int i = 0; i < n; i++) {
      out[i] = (short) SHORT.get(sums, Short.BYTES * i) * gain[i] + bias[i];
    }
  }

  private static void scale(byte[] sums, float gain, float bias, float[] out, int n) {
    for (int i = 0; i < n; i++) {
      out[i] = (short) SHORT.get(sums, Short.BYTES * i) * gain + bias;
    }
  }
}
