package saccade.kernels;

/**
 * Which twin of a kernel computes: plain Java loops, or the Vector API.
 *
 * <p>Both twins do the same float operations in the same order, so their results are equal bit for
 * bit; the choice is about speed alone. Set-up only.
 */
public enum Lanes {
  /** Plain Java loops; the oracle, and the default everywhere: never allocates. */
  PLAIN,
  /**
   * Vector API; needs the module jdk.incubator.vector and registers of at least 256 bits. Faster,
   * but in some runs of a JVM the compiler leaves vectors boxed on the heap (see the README).
   */
  VECTOR;

  private static final String VECTOR_MODULE = "jdk.incubator.vector";
  private static final int LEAST_VECTOR_BITS = 256;

  /** VECTOR where this JVM can run it, else PLAIN; the quicker one, at VECTOR's risk of boxes. */
  public static Lanes quickest() {
    return modulePresent() && VectorWidth.bits() >= LEAST_VECTOR_BITS ? VECTOR : PLAIN;
  }

  /**
   * Returns this value when the JVM can run it.
   *
   * @throws IllegalStateException when VECTOR is asked for and this JVM cannot run it
   */
  public Lanes require() {
    if (this == VECTOR && quickest() != VECTOR) {
      throw new IllegalStateException(
          modulePresent()
              ? "lanes VECTOR: wanted registers of >= "
                  + LEAST_VECTOR_BITS
                  + " bits, found "
                  + VectorWidth.bits()
                  + "; use Lanes.PLAIN"
              : "lanes VECTOR: wanted module "
                  + VECTOR_MODULE
                  + ", found none; start java with --add-modules "
                  + VECTOR_MODULE
                  + " or use Lanes.PLAIN");
    }
    return this;
  }

  private static boolean modulePresent() {
    return ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent();
  }
}
