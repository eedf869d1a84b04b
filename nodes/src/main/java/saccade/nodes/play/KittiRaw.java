package saccade.nodes.play;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.cli.BadInput;
import saccade.nodes.play.Recording.Frame;
import saccade.nodes.play.Recording.Inertial;
import saccade.nodes.play.Recording.Pictures;
import saccade.nodes.play.Recording.Sweeps;
import saccade.nodes.play.Recording.Track;
import saccade.nodes.play.Recording.Window;
import saccade.nodes.sensor.EgoState;
import saccade.planner.EgoSource;

/**
 * The layout in which KITTI raw is published (synchronised and rectified drives).
 *
 * <pre>
 *   {date}/calib_cam_to_cam.txt, calib_velo_to_cam.txt
 *   {date}/{date}_drive_NNNN_sync/image_02/{timestamps.txt,data/NNNNNNNNNN.png}
 *                                 velodyne_points/{timestamps.txt,data/NNNNNNNNNN.bin}
 *                                 oxts/{timestamps.txt,data/NNNNNNNNNN.txt}          (optional)
 * </pre>
 *
 * <p>base_link: the cameras of KITTI are mounted level, the Velodyne is not (its x axis points 0.8
 * degrees down against theirs, which the road in its sweeps confirms). So base_link takes its
 * directions from the rectified camera frame, its height from the Velodyne's 1.73 m above the
 * ground and its origin from the Velodyne, 0.76 m before the rear axle and on the centre line.
 * Height and place are those of the published drawing of the car, good to a few centimetres.
 *
 * <p>A pixel of image_02 is {@code P_rect_02 R_rect_00 [R|T] x_velodyne}; the last column of
 * P_rect_02 is the camera's shift against camera 0. Source: A. Geiger et al., IJRR 2013, equations
 * 5 to 8.
 */
final class KittiRaw {
  /** Of the Velodyne in base_link, metres. */
  private static final double VELODYNE_X = 0.76;

  private static final double VELODYNE_Z = 1.73;

  /** Of camera 2 in base_link where calib_velo_to_cam.txt is of no use, metres. */
  private static final Pose NOMINAL_CAMERA_BODY = Pose.of(1.03, 0.06, 1.65, 0, 0, 0);

  /** Rotation of a forward-looking optical frame in base_link. */
  private static final Pose OPTICAL = new Pose(0, 0, 0, 0.5, -0.5, 0.5, -0.5);

  /** What the shipped model's cameras see: width to height, and the second one's field of view. */
  private static final double ASPECT = 224.0 / 128;

  private static final double TELE_HFOV_RAD = Math.toRadians(35);
  private static final int OXTS_NUMBERS = 30;
  private static final int OXTS_MAX_BYTES = 4096;

  private KittiRaw() {}

  /**
   * Opens one drive.
   *
   * @param path root, date or drive folder
   * @throws BadInput in one line when nothing of it can be played
   */
  static Recording open(Path path, EgoAssumptions assumed) {
    Path drive = drive(path);
    Path date = drive.resolve("..").normalize();
    List<String> remarks = new ArrayList<>();
    @Nullable Pose opticalFromVelodyne = null;
    @Nullable CameraModel picture = null;
    try {
      KittiCalibration cameras = KittiCalibration.read(date.resolve("calib_cam_to_cam.txt"));
      picture = picture(cameras);
      Pose shift = shift(cameras);
      Pose rectified = Pose.of(cameras.rotation("R_rect_00"), new double[3]);
      KittiCalibration velodyne = KittiCalibration.read(date.resolve("calib_velo_to_cam.txt"));
      Pose camera0 = Pose.of(velodyne.rotation("R"), velodyne.numbers("T", 3));
      opticalFromVelodyne = shift.then(rectified).then(camera0);
    } catch (BadInput e) {
      remarks.add(e.getMessage());
    }
    return assemble(drive, picture, opticalFromVelodyne, assumed, remarks);
  }

  private static Recording assemble(
      Path drive,
      @Nullable CameraModel intrinsics,
      @Nullable Pose opticalFromVelodyne,
      EgoAssumptions assumed,
      List<String> remarks) {
    Pose baseFromOptical = NOMINAL_CAMERA_BODY.then(OPTICAL);
    Pose baseFromVelodyne = Pose.of(VELODYNE_X, 0, VELODYNE_Z, 0, 0, 0);
    if (opticalFromVelodyne != null) {
      Pose turned = OPTICAL.then(opticalFromVelodyne); // rotation of the Velodyne in base_link
      baseFromVelodyne =
          new Pose(VELODYNE_X, 0, VELODYNE_Z, turned.qw(), turned.qx(), turned.qy(), turned.qz());
      baseFromOptical = baseFromVelodyne.then(opticalFromVelodyne.inverse());
    }
    CameraModel picture =
        placed(intrinsics == null ? unknownPicture() : intrinsics, baseFromOptical);
    Window wide = wide(picture);
    Window tele = tele(picture);
    Rig rig =
        new Rig(
            List.of(camera("front_wide", picture, wide), camera("front_tele", picture, tele)),
            new LidarModel(
                "lidar_top",
                baseFromVelodyne,
                64,
                2200, // a HDL-64E gives up to 130 000 points a turn
                Math.toRadians(-24.9),
                Math.toRadians(2),
                120));
    List<Track> tracks = new ArrayList<>();
    try {
      if (intrinsics == null) {
        throw new BadInput("front_wide, front_tele: left out, their calibration is of no use");
      }
      List<Frame> frames = FrameFiles.of(drive.resolve("image_02"), "png", remarks);
      tracks.add(
          new Track(
              "image_02",
              frames,
              new Pictures(picture.widthPx(), picture.heightPx(), List.of(wide, tele), picture)));
      remarks.add(described("front_wide", wide, rig.cameras().get(0)));
      remarks.add(described("front_tele", tele, rig.cameras().get(1)));
    } catch (BadInput e) {
      remarks.add(e.getMessage());
    }
    try {
      if (opticalFromVelodyne == null) {
        throw new BadInput("lidar_top: left out, its calibration is of no use");
      }
      List<Frame> frames = FrameFiles.of(drive.resolve("velodyne_points"), "bin", remarks);
      tracks.add(new Track("velodyne_points", frames, new Sweeps(2, 64 * 2200)));
    } catch (BadInput e) {
      remarks.add(e.getMessage());
    }
    if (tracks.isEmpty()) {
      throw new BadInput(remarks.isEmpty() ? drive + ": found no frames" : remarks.getFirst());
    }
    List<Inertial> imu = new ArrayList<>();
    List<EgoState> motion = motion(drive, tracks.getFirst(), assumed, imu, remarks);
    return new Recording(
        "KITTI " + drive.getFileName(),
        rig,
        tracks,
        motion,
        imu,
        FrameFiles.periodNs(tracks, remarks),
        List.of(),
        remarks);
  }

  // ---- folders ----

  /** Whether a folder is a drive, or has one below it. */
  static boolean isThere(Path path) {
    return isDrive(path) || !drives(path).isEmpty();
  }

  private static List<Path> drives(Path path) {
    List<Path> drives = new ArrayList<>(folders(path, "*_drive_*"));
    if (drives.isEmpty()) {
      for (Path date : folders(path, "[0-9][0-9][0-9][0-9]_[0-9][0-9]_[0-9][0-9]")) {
        drives.addAll(folders(date, "*_drive_*"));
      }
    }
    drives.removeIf(folder -> !isDrive(folder));
    return drives;
  }

  /** The one drive that a path means. */
  private static Path drive(Path path) {
    if (isDrive(path)) {
      return path;
    }
    List<Path> drives = drives(path);
    if (drives.isEmpty()) {
      throw new BadInput(
          path
              + ": expected a recording (rig.yaml; nuScenes: v1.0-*/sample_data.json; KITTI raw:"
              + " DATE/calib_cam_to_cam.txt and DATE/DATE_drive_NNNN_sync/image_02), a video or"
              + " pictures, found none of them");
    }
    if (drives.size() > 1) {
      throw new BadInput(
          path
              + ": expected one drive, found "
              + drives.size()
              + "; give one of them, e.g. "
              + drives.getFirst());
    }
    return drives.getFirst();
  }

  private static boolean isDrive(Path folder) {
    return Files.isDirectory(folder.resolve("image_02"))
        || Files.isDirectory(folder.resolve("velodyne_points"));
  }

  private static List<Path> folders(Path in, String glob) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(in, glob)) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry)) {
          found.add(entry);
        }
      }
    } catch (IOException e) {
      throw new BadInput(in + ": expected a readable folder, found " + e);
    }
    found.sort(null);
    return found;
  }

  // ---- calibration ----

  /** Intrinsics of image_02, in no place yet. */
  private static CameraModel picture(KittiCalibration cameras) {
    double[] size = cameras.numbers("S_rect_02", 2);
    double[] p = cameras.numbers("P_rect_02", 12);
    if (Math.abs(p[1]) + Math.abs(p[4]) + Math.abs(p[8]) + Math.abs(p[9]) > 1e-6
        || Math.abs(p[10] - 1) > 1e-6) {
      throw new BadInput(
          "calib_cam_to_cam.txt: P_rect_02: expected [f 0 c t; 0 f c t; 0 0 1 t], found another form");
    }
    try {
      return new CameraModel(
          "image_02",
          (int) Math.round(size[0]),
          (int) Math.round(size[1]),
          p[0],
          p[5],
          p[2],
          p[6],
          Pose.IDENTITY);
    } catch (IllegalArgumentException e) {
      throw new BadInput("calib_cam_to_cam.txt: " + e.getMessage());
    }
  }

  /** From rectified camera 0 to camera 2: K^-1 times the last column of P_rect_02. */
  private static Pose shift(KittiCalibration cameras) {
    double[] p = cameras.numbers("P_rect_02", 12);
    double z = p[11];
    return new Pose((p[3] - p[2] * z) / p[0], (p[7] - p[6] * z) / p[5], z, 1, 0, 0, 0);
  }

  private static CameraModel unknownPicture() {
    return new CameraModel("image_02", 1242, 375, 721.5, 721.5, 621, 187.5, Pose.IDENTITY);
  }

  private static CameraModel placed(CameraModel picture, Pose baseFromOptical) {
    return new CameraModel(
        picture.name(),
        picture.widthPx(),
        picture.heightPx(),
        picture.fxPx(),
        picture.fyPx(),
        picture.cxPx(),
        picture.cyPx(),
        baseFromOptical);
  }

  // ---- windows ----

  /** The largest window of the model's shape, as near to the optical axis as the picture allows. */
  private static Window wide(CameraModel picture) {
    int width = picture.widthPx();
    int height = picture.heightPx();
    if (width > height * ASPECT) {
      width = (int) (height * ASPECT);
    } else {
      height = (int) (width / ASPECT);
    }
    return around(0, picture, width, height);
  }

  /** The second camera's field of view, cut from the same picture. */
  private static Window tele(CameraModel picture) {
    double ideal = 2 * picture.fxPx() * Math.tan(TELE_HFOV_RAD / 2);
    int width = Math.clamp(Math.round(ideal), 1, picture.widthPx());
    int height = Math.min(picture.heightPx(), (int) Math.round(width / ASPECT));
    return around(1, picture, width, height);
  }

  private static Window around(int sensor, CameraModel picture, int width, int height) {
    int x = (int) Math.round(picture.cxPx() - width / 2.0);
    int y = (int) Math.round(picture.cyPx() - height / 2.0);
    return new Window(
        sensor,
        Math.clamp(x, 0, picture.widthPx() - width),
        Math.clamp(y, 0, picture.heightPx() - height),
        width,
        height);
  }

  private static CameraModel camera(String name, CameraModel picture, Window window) {
    return new CameraModel(
        name,
        window.widthPx(),
        window.heightPx(),
        picture.fxPx(),
        picture.fyPx(),
        picture.cxPx() - window.x(),
        picture.cyPx() - window.y(),
        picture.baseFromOptical());
  }

  private static String described(String name, Window window, CameraModel camera) {
    double left = Math.atan(camera.cxPx() / camera.fxPx());
    double right = Math.atan((camera.widthPx() - camera.cxPx()) / camera.fxPx());
    return String.format(
        Locale.ROOT,
        "%s (cropped from image_02): %dx%d px at (%d, %d), %.1f degrees wide",
        name,
        window.widthPx(),
        window.heightPx(),
        window.x(),
        window.y(),
        Math.toDegrees(left + right));
  }

  // ---- ego motion ----

  private static List<EgoState> motion(
      Path drive, Track first, EgoAssumptions assumed, List<Inertial> imu, List<String> remarks) {
    Path oxts = drive.resolve("oxts");
    if (Files.isDirectory(oxts)) {
      try {
        List<EgoState> motion = new ArrayList<>();
        for (Frame frame : FrameFiles.of(oxts, "txt", remarks)) {
          Path file = frame.file();
          if (file != null) {
            byte[] text = Lines.bytes(file, OXTS_MAX_BYTES);
            String[] numbers = oxts(file.toString(), text);
            motion.add(odometry(file.toString(), numbers, frame.stampNs(), assumed.setSpeedMps()));
            imu.add(inertial(file.toString(), numbers, frame.stampNs()));
          }
        }
        remarks.add(
            "ego motion: speed and inertial unit from oxts; set speed assumed, "
                + assumed.setSpeedMps()
                + " m/s");
        return motion;
      } catch (BadInput e) {
        imu.clear();
        remarks.add(e.getMessage());
      }
    }
    return assumedMotion(first, assumed, remarks);
  }

  /** A state for each frame of a track, all alike. */
  static List<EgoState> assumedMotion(Track track, EgoAssumptions assumed, List<String> remarks) {
    remarks.add(
        String.format(
            Locale.ROOT,
            "ego motion: not recorded; assumed speed %.1f m/s (--speed), set speed %.1f m/s",
            assumed.speedMps(),
            assumed.setSpeedMps()));
    List<EgoState> motion = new ArrayList<>();
    for (Frame frame : track.frames()) {
      motion.add(
          new EgoState(
              frame.stampNs(), assumed.speedMps(), 0, 0, assumed.setSpeedMps(), EgoSource.ASSUMED));
    }
    return motion;
  }

  /**
   * The numbers of one record of KITTI's navigation unit, in the order of its dataformat.txt.
   *
   * @throws BadInput in one line
   */
  static String[] oxts(String where, byte[] text) {
    List<String> lines = Lines.of(where, text, 4);
    String[] words = lines.isEmpty() ? new String[0] : lines.getFirst().strip().split("\\s+");
    if (words.length != OXTS_NUMBERS) {
      throw new BadInput(where + ": expected " + OXTS_NUMBERS + " numbers, found " + words.length);
    }
    return words;
  }

  /**
   * What wheels would say: forward speed (number 8, vf), turning about up (22, wu) and forward
   * acceleration (14, af).
   *
   * @throws BadInput in one line
   */
  static EgoState odometry(String where, String[] words, long stampNs, double setSpeedMps) {
    try {
      return new EgoState(
          stampNs,
          Double.parseDouble(words[8]),
          Double.parseDouble(words[22]),
          Double.parseDouble(words[14]),
          setSpeedMps);
    } catch (IllegalArgumentException e) {
      throw new BadInput(
          where
              + ": expected finite numbers at 9, 15 and 23, found "
              + Lines.shown(words[8] + " " + words[14] + " " + words[22]));
    }
  }

  /**
   * The inertial unit's own: turning about the vehicle's z (number 19, wz) and acceleration along
   * its x (11, ax), gravity of a slope in it. What is not finite is left to the fusion to refuse.
   *
   * @throws BadInput in one line when it is no number at all
   */
  static Inertial inertial(String where, String[] words, long stampNs) {
    try {
      return new Inertial(stampNs, Double.parseDouble(words[19]), Double.parseDouble(words[11]));
    } catch (NumberFormatException e) {
      throw new BadInput(
          where
              + ": expected numbers at 12 and 20, found "
              + Lines.shown(words[11] + " " + words[19]));
    }
  }
}
