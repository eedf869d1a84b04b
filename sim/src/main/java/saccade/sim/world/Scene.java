package saccade.sim.world;

import java.util.ArrayList;
import java.util.List;

/**
 * What the renderers see at one instant. Owned and refilled by the simulation; renderers only read
 * it. World frame: x east, y north, z up, ground at z = 0; base_link of the ego lies at (egoX,
 * egoY, 0) with heading egoYawRad. The ego itself has no box in the list.
 */
public final class Scene {
  public double timeS;
  public Road road = new Road(0, 0, 0, 2.5);
  public Daylight daylight = Daylight.DAY;
  public Weather weather = Weather.CLEAR;

  /** Meteorological optical range: contrast falls to 5 % over it; metres, infinite in clear air. */
  public double visibilityM = Double.POSITIVE_INFINITY;

  /** Rain rate, mm/h; 0 when it does not rain. */
  public double rainMmPerH;

  public double egoX;
  public double egoY;
  public double egoYawRad;
  public double egoSpeedMps;

  /** Seed of ground and sky textures and sensor noise: one value for a whole run. */
  public long textureSeed;

  /**
   * Number of this instant in its run; with {@link #textureSeed} it seeds noise that changes from
   * frame to frame.
   */
  public long frame;

  /** All boxes but the ego, in a fixed order that does not depend on hashing. */
  public final List<Box> boxes = new ArrayList<>();

  /** An empty straight road by day. */
  public Scene() {}
}
