package saccade.perception;

import java.lang.foreign.MemorySegment;
import java.util.List;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.lidar.PointLayout;
import saccade.perception.SetInput.CameraView;

/**
 * Checks of sensor data at the door. {@link SensorStatus#SKIPPED} means usable: its turn will come.
 * What is not usable adds one line to the faults: what was found, what was wanted.
 */
final class InputChecks {

  private InputChecks() {}

  /** A picture must have the size that the rig file says. */
  static SensorStatus camera(CameraModel camera, CameraView view, List<String> faults) {
    MemorySegment image = view.image;
    if (image == null) {
      return SensorStatus.ABSENT;
    }
    long rowBytes = view.format.rowBytes(view.widthPx);
    long wanted = view.format.pictureBytes(view.widthPx, view.heightPx, view.strideBytes);
    if (view.widthPx == camera.widthPx()
        && view.heightPx == camera.heightPx()
        && view.format.fits(view.widthPx, view.heightPx)
        && view.strideBytes >= rowBytes
        && image.byteSize() >= wanted) {
      return SensorStatus.SKIPPED;
    }
    faults.add(
        "%s: found %dx%d px, stride %d, %d bytes; wanted %dx%d px as in the rig file, stride >= %d, %d bytes"
            .formatted(
                camera.name(),
                view.widthPx,
                view.heightPx,
                view.strideBytes,
                image.byteSize(),
                camera.widthPx(),
                camera.heightPx(),
                rowBytes,
                wanted));
    return SensorStatus.INVALID;
  }

  /**
   * A sweep needs a sensor in the rig, and at least one whole point.
   *
   * @param inRig whether the rig has a LiDAR
   */
  static SensorStatus lidar(String name, boolean inRig, SetInput in, List<String> faults) {
    MemorySegment points = in.points;
    if (points == null) {
      return SensorStatus.ABSENT;
    }
    if (!inRig) {
      faults.add(name + ": found a sweep, wanted a lidar in the rig file first");
      return SensorStatus.INVALID;
    }
    long wanted = (long) in.pointCount * PointLayout.POINT_BYTES;
    if (in.pointCount < 1 || points.byteSize() < wanted) {
      faults.add(
          "%s: found %d points in %d bytes, wanted >= 1 point of %d bytes each"
              .formatted(name, in.pointCount, points.byteSize(), PointLayout.POINT_BYTES));
      return SensorStatus.INVALID;
    }
    return SensorStatus.SKIPPED;
  }

  /** Own motion must be finite. */
  static SensorStatus ego(SetInput in, List<String> faults) {
    if (!in.hasEgo) {
      return SensorStatus.ABSENT;
    }
    if (Double.isFinite(
        in.speedMps + in.yawRateRadps + in.setSpeedMps + in.accelMps2 + in.stoodS + in.drivenM)) {
      return SensorStatus.SKIPPED;
    }
    faults.add(
        "ego: found speed %s m/s, yaw rate %s rad/s, set speed %s m/s, acceleration %s m/s2, stood %s s, driven since %s m; wanted finite numbers"
            .formatted(
                in.speedMps, in.yawRateRadps, in.setSpeedMps, in.accelMps2, in.stoodS, in.drivenM));
    return SensorStatus.INVALID;
  }
}
