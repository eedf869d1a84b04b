package saccade.sim.truth;

import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.sim.world.Box;
import saccade.sim.world.Scene;

/**
 * Sight without pictures: sample points of an object are looked at along straight lines from each
 * camera, and from the LiDAR, whose returns are estimated from the share of samples that it sees.
 */
public final class RaySight implements Sight {
  private static final double[] SAMPLES = {-0.4, 0, 0.4};

  private final List<CameraModel> cameras;
  private final @Nullable LidarModel lidar;
  private final Scene scene;
  private final double[] uvDepth = new double[3];

  /**
   * @param scene as it is now; must not change while this is asked
   */
  public RaySight(Rig rig, Scene scene) {
    this.cameras = rig.cameras();
    this.lidar = rig.lidar();
    this.scene = scene;
  }

  @Override
  public boolean any(int objectId) {
    return seen(objectId, false) || returns(objectId) >= SEEN_RETURNS;
  }

  @Override
  public boolean lamp(int objectId) {
    return seen(objectId, true);
  }

  private boolean seen(int objectId, boolean lamps) {
    for (CameraModel camera : cameras) {
      for (Box box : scene.boxes) {
        if (box.objectId() == objectId
            && (!lamps || PixelSight.isLitSignal(box))
            && sees(camera, box)) {
          return true;
        }
      }
    }
    return false;
  }

  /** About how many rays of the LiDAR end on the object. */
  private double returns(int objectId) {
    LidarModel scanner = lidar;
    if (scanner == null) {
      return 0;
    }
    Pose pose = scanner.baseFromLidar();
    double egoCos = Math.cos(scene.egoYawRad);
    double egoSin = Math.sin(scene.egoYawRad);
    double fromX = scene.egoX + pose.x() * egoCos - pose.y() * egoSin;
    double fromY = scene.egoY + pose.x() * egoSin + pose.y() * egoCos;
    double fromZ = pose.z();
    double perColumn = 2 * Math.PI / scanner.columns();
    double perBeam =
        (scanner.maxElevationRad() - scanner.minElevationRad()) / Math.max(1, scanner.beams() - 1);
    double returns = 0;
    for (Box box : scene.boxes) {
      if (box.objectId() != objectId) {
        continue;
      }
      double dx = box.cx() - fromX;
      double dy = box.cy() - fromY;
      double dz = box.cz() - fromZ;
      double away = Math.sqrt(dx * dx + dy * dy + dz * dz);
      if (away > scanner.maxRangeM()) {
        continue;
      }
      double bearing = Math.atan2(dy, dx) - box.yawRad();
      double broad =
          box.lengthM() * Math.abs(Math.sin(bearing)) + box.widthM() * Math.abs(Math.cos(bearing));
      int hit = 0;
      for (double across : SAMPLES) {
        for (double up : SAMPLES) {
          // Samples on the silhouette through the middle.
          double x = box.cx() - dy / away * across * broad;
          double y = box.cy() + dx / away * across * broad;
          double z = box.cz() + up * box.heightM();
          double elevation = Math.atan2(z - fromZ, Math.hypot(x - fromX, y - fromY));
          if (elevation > scanner.minElevationRad()
              && elevation < scanner.maxElevationRad()
              && clear(fromX, fromY, fromZ, x, y, z, objectId)) {
            hit++;
          }
        }
      }
      double all = broad / away / perColumn * (box.heightM() / away / perBeam);
      returns += all * hit / (SAMPLES.length * SAMPLES.length);
    }
    return returns;
  }

  private boolean sees(CameraModel camera, Box box) {
    double cos = Math.cos(box.yawRad());
    double sin = Math.sin(box.yawRad());
    double egoCos = Math.cos(scene.egoYawRad);
    double egoSin = Math.sin(scene.egoYawRad);
    double fromX =
        scene.egoX + camera.baseFromOptical().x() * egoCos - camera.baseFromOptical().y() * egoSin;
    double fromY =
        scene.egoY + camera.baseFromOptical().x() * egoSin + camera.baseFromOptical().y() * egoCos;
    double fromZ = camera.baseFromOptical().z();
    for (double along : SAMPLES) {
      for (double across : SAMPLES) {
        for (double up : SAMPLES) {
          double a = along * box.lengthM();
          double b = across * box.widthM();
          double x = box.cx() + a * cos - b * sin;
          double y = box.cy() + a * sin + b * cos;
          double z = box.cz() + up * box.heightM();
          double dx = x - scene.egoX;
          double dy = y - scene.egoY;
          if (camera.project(dx * egoCos + dy * egoSin, -dx * egoSin + dy * egoCos, z, uvDepth)
              && clear(fromX, fromY, fromZ, x, y, z, box.objectId())) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private boolean clear(
      double x0, double y0, double z0, double x1, double y1, double z1, int objectId) {
    for (Box box : scene.boxes) {
      if (box.objectId() != objectId || objectId < 0) {
        double cos = Math.cos(box.yawRad());
        double sin = Math.sin(box.yawRad());
        double ax = (x0 - box.cx()) * cos + (y0 - box.cy()) * sin;
        double ay = -(x0 - box.cx()) * sin + (y0 - box.cy()) * cos;
        double bx = (x1 - box.cx()) * cos + (y1 - box.cy()) * sin;
        double by = -(x1 - box.cx()) * sin + (y1 - box.cy()) * cos;
        if (crosses(
            ax,
            bx,
            box.lengthM(),
            ay,
            by,
            box.widthM(),
            z0 - box.cz(),
            z1 - box.cz(),
            box.heightM())) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether the segment a..b meets the box of these extents around the origin (slabs). */
  private static boolean crosses(
      double ax,
      double bx,
      double lx,
      double ay,
      double by,
      double ly,
      double az,
      double bz,
      double lz) {
    double enter = 0;
    double leave = 1;
    for (int axis = 0; axis < 3; axis++) {
      double a = axis == 0 ? ax : axis == 1 ? ay : az;
      double b = axis == 0 ? bx : axis == 1 ? by : bz;
      double half = (axis == 0 ? lx : axis == 1 ? ly : lz) / 2;
      double way = b - a;
      if (Math.abs(way) < 1e-9) {
        if (Math.abs(a) > half) {
          return false;
        }
      } else {
        double t0 = (-half - a) / way;
        double t1 = (half - a) / way;
        enter = Math.max(enter, Math.min(t0, t1));
        leave = Math.min(leave, Math.max(t0, t1));
      }
    }
    return enter < leave;
  }
}
