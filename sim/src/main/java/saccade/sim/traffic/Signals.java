package saccade.sim.traffic;

import java.util.List;
import saccade.sim.world.Box;
import saccade.sim.world.Road;

/** Builds what stands at a stop line: heads of traffic lights, stop signs. */
final class Signals {
  private static final Box.Kind[] LAMPS = {
    Box.Kind.LIGHT_RED, Box.Kind.LIGHT_AMBER, Box.Kind.LIGHT_GREEN
  };
  private static final int[] DARK = {0x460c0a, 0x46340a, 0x08341a};
  private static final int[] LIT = {0xff2418, 0xffb010, 0x28fa78};
  private static final int HOUSING = 0x18181a;
  private static final int STEEL = 0x464846;

  /**
   * The lamps of one light.
   *
   * @param dark [colour][head]
   * @param lit [colour][head]
   */
  record Lamps(TrafficLight light, Box[][] dark, Box[][] lit) {
    /** Adds each lamp as it is now. */
    void fill(List<Box> boxes, double timeS) {
      int on = light.colour(timeS).ordinal();
      for (int head = 0; head < 2; head++) {
        for (int c = 0; c < LAMPS.length; c++) {
          boxes.add(c == on ? lit[c][head] : dark[c][head]);
        }
      }
    }
  }

  private final Road road;
  private final List<Box> scenery;
  private final double[] pose = new double[3];

  Signals(Road road, List<Box> scenery) {
    this.road = road;
    this.scenery = scenery;
  }

  /** A head on a pole at the right of the line, and one over the road beyond it. */
  Lamps light(TrafficLight light, double poleD, double headHeightM, double farM, double farD) {
    int id = light.id;
    Lamps lamps = new Lamps(light, new Box[3][2], new Box[3][2]);
    double nearS = light.stopS + 0.8;
    box(nearS, poleD, (headHeightM + 0.2) / 2, 0.14, 0.14, headHeightM + 0.2, STEEL, id);
    head(nearS, poleD + 0.15, headHeightM, lamps, 0);
    double farS = light.stopS + farM;
    double farZ = Math.max(headHeightM + 0.9, 3.6);
    double mast = farZ + 1.6;
    box(farS + 0.4, poleD, mast / 2, 0.14, 0.14, mast, STEEL, id);
    box(farS + 0.4, (poleD + farD) / 2, mast, 0.12, Math.abs(poleD - farD), 0.12, STEEL, id);
    head(farS, farD, farZ, lamps, 1);
    return lamps;
  }

  private void head(double s, double d, double z, Lamps lamps, int head) {
    int id = lamps.light().id;
    box(s, d, z + 0.68, 0.25, 0.5, 1.42, HOUSING, id);
    road.pose(s - 0.14, d, pose);
    for (int c = 0; c < LAMPS.length; c++) {
      double height = z + 1.12 - 0.44 * c;
      lamps.dark()[c][head] = lamp(height, DARK[c], false, LAMPS[c], id);
      lamps.lit()[c][head] = lamp(height, LIT[c], true, LAMPS[c], id);
    }
  }

  private Box lamp(double z, int colour, boolean lit, Box.Kind kind, int id) {
    return new Box(
        pose[0],
        pose[1],
        z,
        pose[2],
        0.06,
        0.36,
        0.36,
        colour >> 16 & 255,
        colour >> 8 & 255,
        colour & 255,
        lit,
        0.3,
        kind,
        id);
  }

  /** A plate on a pole at the right of the line. */
  void stopSign(StopSign sign, double poleD, double bottomM) {
    double s = sign.stopS + 0.5;
    double middle = bottomM + 0.375;
    box(s + 0.06, poleD, middle / 2 + 0.2, 0.08, 0.08, middle + 0.4, STEEL, -1);
    road.pose(s, poleD, pose);
    scenery.add(
        new Box(
            pose[0],
            pose[1],
            middle,
            pose[2],
            0.03,
            0.75,
            0.75,
            0xc4,
            0x18,
            0x20,
            false,
            0.85,
            Box.Kind.STOP_SIGN,
            sign.id,
            Box.Surface.STOP_PLATE));
  }

  private void box(
      double s,
      double d,
      double z,
      double length,
      double width,
      double height,
      int colour,
      int id) {
    road.pose(s, d, pose);
    scenery.add(
        new Box(
            pose[0],
            pose[1],
            z,
            pose[2],
            length,
            width,
            height,
            colour >> 16 & 255,
            colour >> 8 & 255,
            colour & 255,
            false,
            0.35,
            Box.Kind.STRUCTURE,
            id));
  }
}
