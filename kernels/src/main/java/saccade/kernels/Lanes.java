package saccade.kernels;

/**
 * Which twin of a kernel computes: plain Java loops, or the Vector API.
 *
 * <p>Both twins do the same float operations in the same order, so their results are equal bit for
 * bit; the choice is about speed alone. Set-up only.
 */
public enum Lanes {
  /** Plain Java loops; the oracle. */
  PLAIN,
  /** Vector API; needs the module jdk.incubator.vector and registers of at least 256 bits. */
  VECTOR;

  private static final String VECTOR_MODULE = "jdk.incubator.vector";
  private static final int LEAST_VECTOR_BITS = 256;

  /** The faster twin that this JVM can run: VECTOR where its module is present, else PLAIN. */
  public static Lanes best() {
    return modulePresent() && VectorWidth.bits() >= LEAST_VECTOR_BITS ? VECTOR : PLAIN;
  }

  /**
   * Returns this value when the JVM can run it.
   *
   * @throws IllegalStateException when VECTOR is asked for and this JVM cannot run it
   */
  public Lanes require() {
    if (this == VECTOR && best() != VECTOR) {
      throw new IllegalStateException(
          modulePresent()
              ? "lanes VECTOR: wanted registers of >= "
                  + LEAST_VECTOR_BITS
                  + " bits, found "
                  + VectorWidth.bits()
                  + "; use Lanes.best() or Lanes.PLAIN"
              : "lanes VECTOR: wanted module "
                  + VECTOR_MODULE
                  + ", found none; start java with --add-modules "
                  + VECTOR_MODULE
                  + " or use Lanes.best()");
    }
    return this;
  }

  private static boolean modulePresent() {
    return ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent();
  }
}
