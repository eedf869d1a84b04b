package saccade.nodes.graph;

import java.nio.file.Path;
import java.util.List;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Distortion;
import saccade.kernels.geometry.Lens;
import saccade.kernels.geometry.Pose;
import saccade.nodes.cli.BadInput;

/**
 * A camera's calibration in the YAML form that ROS's camera_calibration writes and
 * camera_info_manager reads: {@code image_width, image_height, camera_name, camera_matrix,
 * distortion_model, distortion_coefficients, rectification_matrix, projection_matrix}. Set-up only.
 *
 * <p>The pinhole that the rest of the system works with is the projection matrix; where that is
 * missing or zero (a calibration that never rectified) it is the camera matrix. A rectification
 * that turns the picture (one of a stereo pair) is refused: the pose in the rig file says how the
 * camera sits.
 *
 * @param camera its name in the file; empty where it has none
 * @param widthPx of its pictures
 * @param heightPx of its pictures
 * @param pinhole fx, fy, cx, cy of the rectified pictures, pixels
 * @param lens K and D
 */
public record CameraInfoFile(
    String camera, int widthPx, int heightPx, double[] pinhole, Lens lens) {
  private static final int MAX_SIDE = 16384;
  private static final double TURNED = 1e-3;

  /**
   * Reads and checks a file.
   *
   * @throws BadInput in one line: value found, value wanted, file and key
   */
  public static CameraInfoFile read(Path file) {
    return of(YamlFields.read(file));
  }

  /** As {@link #read}, from text; {@code file} is the name used in complaints. */
  static CameraInfoFile parse(String file, String text) {
    return of(YamlFields.parse(file, text));
  }

  private static CameraInfoFile of(YamlFields top) {
    int width = (int) top.whole("image_width", 1, MAX_SIDE);
    int height = (int) top.whole("image_height", 1, MAX_SIDE);
    String name = top.text("camera_name", "");
    double[] k = matrix(top, "camera_matrix", 3, 3);
    String model = top.text("distortion_model", "plumb_bob");
    double[] d = top.has("distortion_coefficients") ? coefficients(top) : new double[0];
    if (top.has("rectification_matrix")) {
      double[] r = matrix(top, "rectification_matrix", 3, 3);
      for (int i = 0; i < 9; i++) {
        if (Math.abs(r[i] - (i % 4 == 0 ? 1 : 0)) > TURNED) {
          throw top.wrong(
              "rectification_matrix", "the unit matrix (say in the rig how it sits)", r[i]);
        }
      }
    }
    double[] p =
        top.has("projection_matrix") ? matrix(top, "projection_matrix", 3, 4) : new double[12];
    // camera_info_manager's files may carry keys of their own: they are no business of ours.
    double[] pinhole =
        p[0] > 0 && p[5] > 0
            ? new double[] {p[0], p[5], p[2], p[6]}
            : new double[] {k[0], k[4], k[2], k[5]};
    try {
      Lens lens = new Lens(k[0], k[4], k[2], k[5], Distortion.of(model, d));
      return new CameraInfoFile(name, width, height, pinhole, lens);
    } catch (IllegalArgumentException e) {
      throw new BadInput(top.file() + ": " + e.getMessage());
    }
  }

  private static double[] coefficients(YamlFields top) {
    YamlFields fields = top.fields("distortion_coefficients");
    int rows = (int) fields.whole("rows", 1, 14);
    int cols = (int) fields.whole("cols", 0, 14);
    return rows * cols == 0 ? new double[0] : fields.numbers("data", rows * cols);
  }

  private static double[] matrix(YamlFields top, String key, int rows, int cols) {
    YamlFields fields = top.fields(key);
    if (fields.whole("rows", 1, 4) != rows || fields.whole("cols", 1, 4) != cols) {
      throw top.wrong(
          key,
          rows + " x " + cols,
          fields.whole("rows", 1, 4) + " x " + fields.whole("cols", 1, 4));
    }
    return fields.numbers("data", rows * cols);
  }

  /**
   * The pinhole at its place.
   *
   * @param name in the rig
   */
  public CameraModel camera(String name, Pose baseFromOptical) {
    return new CameraModel(
        name, widthPx, heightPx, pinhole[0], pinhole[1], pinhole[2], pinhole[3], baseFromOptical);
  }

  /** Whether the pictures are as a pinhole makes them already. */
  public boolean isIdeal() {
    return lens.distortion().isNone()
        && List.of(lens.fxPx(), lens.fyPx(), lens.cxPx(), lens.cyPx())
            .equals(List.of(pinhole[0], pinhole[1], pinhole[2], pinhole[3]));
  }
}
