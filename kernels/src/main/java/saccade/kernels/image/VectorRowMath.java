package saccade.kernels.image;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vector API twin: rows in the widest lanes, pixels as four lanes of which three count.
 *
 * <p>Multiply and add stay apart (no fused form), so that the bits equal the plain twin's.
 */
final class VectorRowMath implements RowMath {
  private static final boolean WIDE = FloatVector.SPECIES_PREFERRED.vectorBitSize() >= 512;
  private static final VectorSpecies<Byte> BYTES =
      WIDE ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;
  private static final VectorSpecies<Integer> INTS =
      WIDE ? IntVector.SPECIES_512 : IntVector.SPECIES_256;
  private static final VectorSpecies<Float> FLOATS =
      WIDE ? FloatVector.SPECIES_512 : FloatVector.SPECIES_256;
  private static final VectorSpecies<Float> PIXEL = FloatVector.SPECIES_128;
  private static final VectorShuffle<Float> SWAP = VectorShuffle.fromValues(PIXEL, 2, 1, 0, 3);

  private static IntVector unsigned(byte[] row, int i) {
    return (IntVector)
        ByteVector.fromArray(BYTES, row, i).convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
  }

  private static FloatVector floats(IntVector ints) {
    return (FloatVector) ints.convertShape(VectorOperators.I2F, FLOATS, 0);
  }

  @Override
  public void begin(byte[] row, float weight, float[] sum, int n) {
    for (int i = 0; i < n; i += FLOATS.length()) {
      floats(unsigned(row, i)).mul(weight).intoArray(sum, i);
    }
  }

  @Override
  public void add(byte[] row, float weight, float[] sum, int n) {
    for (int i = 0; i < n; i += FLOATS.length()) {
      FloatVector.fromArray(FLOATS, sum, i)
          .add(floats(unsigned(row, i)).mul(weight))
          .intoArray(sum, i);
    }
  }

  @Override
  public void addPair(byte[] upper, byte[] lower, float[] sum, int n) {
    for (int i = 0; i < n; i += FLOATS.length()) {
      floats(unsigned(upper, i).add(unsigned(lower, i))).intoArray(sum, i);
    }
  }

  @Override
  public void finish(
      float[] sum, AxisWeights x, PixelFormat order, float[] gain, float[] bias, float[] out) {
    int[] start = x.start();
    int[] first = x.first();
    float[] weights = x.weights();
    boolean swap = order == PixelFormat.BGR8;
    FloatVector gains = FloatVector.fromArray(PIXEL, gain, 0);
    FloatVector biases = FloatVector.fromArray(PIXEL, bias, 0);
    // Ascending, so that each pixel's idle fourth lane is overwritten by the next pixel.
    for (int o = 0; o < start.length; o++) {
      int s = 3 * start[o];
      int k = first[o];
      FloatVector pixel = FloatVector.fromArray(PIXEL, sum, s).mul(weights[k]);
      for (k++; k < first[o + 1]; k++) {
        s += 3;
        pixel = FloatVector.fromArray(PIXEL, sum, s).mul(weights[k]).add(pixel);
      }
      FloatVector scaled = gains.mul(pixel).add(biases);
      if (swap) {
        scaled = scaled.rearrange(SWAP);
      }
      scaled.intoArray(out, 3 * o);
    }
  }

  @Override
  public void finishHalving(
      float[] sum, int pixels, PixelFormat order, float[] gain, float[] bias, float[] out) {
    boolean swap = order == PixelFormat.BGR8;
    FloatVector gains = FloatVector.fromArray(PIXEL, gain, 0);
    FloatVector biases = FloatVector.fromArray(PIXEL, bias, 0);
    for (int o = 0; o < pixels; o++) {
      FloatVector pixel =
          FloatVector.fromArray(PIXEL, sum, 6 * o)
              .add(FloatVector.fromArray(PIXEL, sum, 6 * o + 3));
      FloatVector scaled = gains.mul(pixel).add(biases);
      if (swap) {
        scaled = scaled.rearrange(SWAP);
      }
      scaled.intoArray(out, 3 * o);
    }
  }
}
