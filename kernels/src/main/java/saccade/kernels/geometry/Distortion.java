package saccade.kernels.geometry;

import java.util.Arrays;

/**
 * How a lens bends what a pinhole would see: from the ideal place on the plane z = 1 to the real
 * one. The models and the order of their coefficients are those of sensor_msgs/CameraInfo.
 * Immutable.
 */
public final class Distortion {
  /** Names as in CameraInfo.distortion_model. */
  public enum Model {
    /** Brown-Conrady, k1 k2 p1 p2 k3. */
    PLUMB_BOB("plumb_bob", 5),
    /** Its quotient form, k1 k2 p1 p2 k3 k4 k5 k6. */
    RATIONAL_POLYNOMIAL("rational_polynomial", 8),
    /** Kannala-Brandt fisheye, k1 k2 k3 k4. */
    EQUIDISTANT("equidistant", 4);

    private final String ros;
    private final int coefficients;

    Model(String ros, int coefficients) {
      this.ros = ros;
      this.coefficients = coefficients;
    }

    /** Its name in CameraInfo. */
    public String rosName() {
      return ros;
    }
  }

  /** No distortion. */
  public static final Distortion NONE = new Distortion(Model.PLUMB_BOB, new double[5]);

  private final Model model;
  private final double[] k;

  private Distortion(Model model, double[] k) {
    this.model = model;
    this.k = k;
  }

  /**
   * A lens from its calibration.
   *
   * @param rosModel plumb_bob, rational_polynomial or equidistant ({@code fisheye} is taken for
   *     it); empty or {@code none} for no distortion
   * @param coefficients as many as the model has; fewer leave the last ones 0, and zeros behind
   *     them are passed over
   * @throws IllegalArgumentException for another model, too many coefficients, or one that is not
   *     finite
   */
  public static Distortion of(String rosModel, double... coefficients) {
    for (double c : coefficients) {
      if (!Double.isFinite(c)) {
        throw new IllegalArgumentException(
            "distortion " + rosModel + ": found coefficients " + Arrays.toString(coefficients));
      }
    }
    Model model =
        switch (rosModel) {
          case "", "none", "plumb_bob" -> Model.PLUMB_BOB;
          case "rational_polynomial" -> Model.RATIONAL_POLYNOMIAL;
          case "equidistant", "fisheye" -> Model.EQUIDISTANT;
          default ->
              throw new IllegalArgumentException(
                  "distortion model \""
                      + rosModel
                      + "\": wanted plumb_bob, rational_polynomial or equidistant");
        };
    double[] k = Arrays.copyOf(coefficients, model.coefficients);
    for (int i = k.length; i < coefficients.length; i++) {
      if (coefficients[i] != 0) {
        throw new IllegalArgumentException(
            "distortion "
                + model.ros
                + ": wanted at most "
                + model.coefficients
                + " coefficients, found "
                + coefficients.length);
      }
    }
    return new Distortion(model, k);
  }

  /** Which formula. */
  public Model model() {
    return model;
  }

  /** In the order of the model; a copy. */
  public double[] coefficients() {
    return k.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Distortion same && model == same.model && Arrays.equals(k, same.k);
  }

  @Override
  public int hashCode() {
    return 31 * model.hashCode() + Arrays.hashCode(k);
  }

  /** Whether pictures are as a pinhole makes them. */
  public boolean isNone() {
    return model != Model.EQUIDISTANT && Arrays.stream(k).allMatch(c -> c == 0);
  }

  /**
   * Where the lens puts the ray (x, y, 1).
   *
   * @param xy filled with the distorted x and y on the plane z = 1
   */
  public void distort(double x, double y, double[] xy) {
    double r2 = x * x + y * y;
    if (model == Model.EQUIDISTANT) {
      double r = Math.sqrt(r2);
      double theta = Math.atan(r);
      double t2 = theta * theta;
      double bent = theta * (1 + t2 * (k[0] + t2 * (k[1] + t2 * (k[2] + t2 * k[3]))));
      double scale = r < 1e-12 ? 1 : bent / r;
      xy[0] = x * scale;
      xy[1] = y * scale;
      return;
    }
    double radial = 1 + r2 * (k[0] + r2 * (k[1] + r2 * k[4]));
    if (model == Model.RATIONAL_POLYNOMIAL) {
      radial /= 1 + r2 * (k[5] + r2 * (k[6] + r2 * k[7]));
    }
    xy[0] = x * radial + 2 * k[2] * x * y + k[3] * (r2 + 2 * x * x);
    xy[1] = y * radial + k[2] * (r2 + 2 * y * y) + 2 * k[3] * x * y;
  }
}
