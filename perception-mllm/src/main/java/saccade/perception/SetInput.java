package saccade.perception;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import saccade.kernels.image.PixelFormat;
import saccade.kernels.motion.Standstill;
import saccade.perception.model.EgoFeature;

/**
 * Hot path. Sensor data of one instant. Reused: {@link #clear}, then set what is there. Memory
 * stays the caller's; the session reads images and points only in its encode slices, that is until
 * {@link PerceptionSession#inputsRead} says true.
 */
public final class SetInput {

  /** One camera's picture; {@code image} is null when absent. */
  static final class CameraView {
    @Nullable MemorySegment image;
    int widthPx;
    int heightPx;
    long strideBytes;
    PixelFormat format = PixelFormat.RGB8;
    boolean[] protectedTokens = new boolean[0]; // empty: none
  }

  final CameraView[] cameras;
  @Nullable MemorySegment points;
  int pointCount;
  long pointsAfterNs;
  boolean hasEgo;
  double speedMps;
  double yawRateRadps;
  double setSpeedMps;
  double accelMps2;
  double stoodS;
  double drivenM;
  long captureNs;

  /** An empty set for a rig of that many cameras. */
  public SetInput(int cameras) {
    this.cameras = new CameraView[cameras];
    for (int i = 0; i < cameras; i++) {
      this.cameras[i] = new CameraView();
    }
  }

  /** Everything absent. */
  public void clear() {
    for (CameraView view : cameras) {
      view.image = null;
      Arrays.fill(view.protectedTokens, false);
    }
    points = null;
    pointCount = 0;
    hasEgo = false;
  }

  /** Capture time of the set, nanoseconds in the caller's clock domain; copied to the output. */
  public void capture(long captureNs) {
    this.captureNs = captureNs;
  }

  public long captureNs() {
    return captureNs;
  }

  /**
   * A picture.
   *
   * @param camera index in the rig
   * @param image interleaved u8, first pixel at offset 0
   * @param strideBytes bytes from one row to the next, at least 3 x width
   */
  public void camera(
      int camera,
      MemorySegment image,
      int widthPx,
      int heightPx,
      long strideBytes,
      PixelFormat format) {
    CameraView view = cameras[camera];
    view.image = image;
    view.widthPx = widthPx;
    view.heightPx = heightPx;
    view.strideBytes = strideBytes;
    view.format = format;
  }

  /** No picture of this camera; its tokens will be absent. */
  public void noCamera(int camera) {
    cameras[camera].image = null;
  }

  /**
   * Tokens of a camera that must not be dropped, row-major over the picture; copied.
   *
   * @param tokens as many as the camera has tokens
   */
  public void protect(int camera, boolean[] tokens) {
    CameraView view = cameras[camera];
    if (view.protectedTokens.length != tokens.length) {
      view.protectedTokens = new boolean[tokens.length];
    }
    System.arraycopy(tokens, 0, view.protectedTokens, 0, tokens.length);
  }

  /**
   * A sweep.
   *
   * @param points x, y, z, intensity float32 little endian (16 B a point), LiDAR frame
   */
  public void lidar(MemorySegment points, int count) {
    lidar(points, count, 0);
  }

  /**
   * A sweep that was stamped at another instant than the set.
   *
   * @param afterNs its stamp less {@link #captureNs}, nanoseconds; only a rig whose LiDAR states
   *     the timing of its sweep makes use of it
   */
  public void lidar(MemorySegment points, int count, long afterNs) {
    this.points = points;
    this.pointCount = count;
    this.pointsAfterNs = afterNs;
  }

  /** No sweep; LiDAR tokens and painted ranges will be absent. */
  public void noLidar() {
    points = null;
    pointCount = 0;
  }

  /**
   * Own motion of an instant, no standstill known: m/s, rad/s (left positive), m/s, m/s2 along the
   * vehicle.
   */
  public void ego(double speedMps, double yawRateRadps, double setSpeedMps, double accelMps2) {
    ego(speedMps, yawRateRadps, setSpeedMps, accelMps2, 0, Standstill.MOST_M);
  }

  /**
   * Own motion: m/s, rad/s (left positive), m/s, m/s2 along the vehicle, and what it remembers of
   * its last standstill.
   *
   * @param stoodS see {@link Standstill#stoodS}, s
   * @param drivenM see {@link Standstill#drivenM}, m
   */
  public void ego(
      double speedMps,
      double yawRateRadps,
      double setSpeedMps,
      double accelMps2,
      double stoodS,
      double drivenM) {
    this.hasEgo = true;
    this.speedMps = speedMps;
    this.yawRateRadps = yawRateRadps;
    this.setSpeedMps = setSpeedMps;
    this.accelMps2 = accelMps2;
    this.stoodS = stoodS;
    this.drivenM = drivenM;
  }

  /** Copies the own motion, by {@link EgoFeature#ordinal}. */
  void motion(double[] into) {
    into[EgoFeature.SPEED.ordinal()] = speedMps;
    into[EgoFeature.YAW_RATE.ordinal()] = yawRateRadps;
    into[EgoFeature.SET_SPEED.ordinal()] = setSpeedMps;
    into[EgoFeature.ACCELERATION.ordinal()] = accelMps2;
    into[EgoFeature.STOOD.ordinal()] = stoodS;
    into[EgoFeature.DRIVEN.ordinal()] = drivenM;
  }

  /** No own motion; its token will be absent. */
  public void noEgo() {
    hasEgo = false;
  }

  // ---- what is there, for whoever answers by rule ----

  /** x, y, z, intensity float32 little endian, LiDAR frame; null without a sweep. */
  public @Nullable MemorySegment points() {
    return points;
  }

  /** Points of the sweep, 0 without one. */
  public int pointCount() {
    return pointCount;
  }

  public boolean hasEgo() {
    return hasEgo;
  }

  /** Own speed, m/s; means something where {@link #hasEgo}. */
  public double speedMps() {
    return speedMps;
  }

  /** Own yaw rate, rad/s, left positive; likewise. */
  public double yawRateRadps() {
    return yawRateRadps;
  }

  /** Speed that is asked for, m/s; likewise. */
  public double setSpeedMps() {
    return setSpeedMps;
  }
}
