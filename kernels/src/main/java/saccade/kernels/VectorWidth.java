package saccade.kernels;

import jdk.incubator.vector.FloatVector;

/** Loaded only when the vector module is present. */
final class VectorWidth {
  private VectorWidth() {}

  static int bits() {
    return FloatVector.SPECIES_PREFERRED.vectorBitSize();
  }
}
