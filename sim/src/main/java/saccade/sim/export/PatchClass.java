package saccade.sim.export;

import saccade.sim.world.Box;

/** What a picture patch shows, in the order of the exported numbers. */
enum PatchClass {
  OTHER,
  CAR,
  PEDESTRIAN,
  LIGHT_RED,
  LIGHT_GREEN,
  BRAKE_LAMP,
  TRUCK,
  CYCLIST,
  CONE,
  STOP_SIGN,
  LIGHT_AMBER,
  INDICATOR;

  /** What a box counts for by itself; see {@link #isVehiclePart}. */
  static PatchClass of(Box box) {
    return switch (box.kind()) {
      case CAR, HEAD_LAMP -> CAR;
      case TRUCK -> TRUCK;
      case CYCLIST -> CYCLIST;
      case PEDESTRIAN -> PEDESTRIAN;
      case CONE -> CONE;
      case STOP_SIGN -> STOP_SIGN;
      case LIGHT_RED -> box.emissive() ? LIGHT_RED : OTHER;
      case LIGHT_AMBER -> box.emissive() ? LIGHT_AMBER : OTHER;
      case LIGHT_GREEN -> box.emissive() ? LIGHT_GREEN : OTHER;
      case BRAKE_LAMP -> box.emissive() ? BRAKE_LAMP : CAR;
      case INDICATOR -> box.emissive() ? INDICATOR : CAR;
      case STRUCTURE -> OTHER;
    };
  }

  /** Whether the box is of something that moves, or of a cone: no lamp, no building. */
  static boolean isBody(Box box) {
    return switch (box.kind()) {
      case CAR, TRUCK, CYCLIST, PEDESTRIAN, CONE -> true;
      default -> false;
    };
  }

  /** Whether the box counts for the vehicle that it is fixed to. */
  static boolean isVehiclePart(Box box) {
    return switch (box.kind()) {
      case HEAD_LAMP -> true;
      case BRAKE_LAMP, INDICATOR -> !box.emissive();
      default -> false;
    };
  }

  /**
   * The class of a patch: any pixel of a lit traffic light; then what is small and matters, from a
   * share of the patch on; then lit lamps of vehicles; then vehicles. Within a group the one with
   * most pixels.
   *
   * @param pixels of each class, by ordinal
   * @param lampPixels from which on a lit lamp of a vehicle counts
   * @param few from which on anything else counts
   */
  static PatchClass of(int[] pixels, int lampPixels, int few) {
    PatchClass best = most(pixels, 1, LIGHT_RED, LIGHT_AMBER, LIGHT_GREEN);
    if (best == OTHER) {
      best = most(pixels, few, STOP_SIGN, CONE, PEDESTRIAN, CYCLIST);
    }
    if (best == OTHER) {
      best = most(pixels, lampPixels, BRAKE_LAMP, INDICATOR);
    }
    return best == OTHER ? most(pixels, few, CAR, TRUCK) : best;
  }

  private static PatchClass most(int[] pixels, int least, PatchClass... classes) {
    PatchClass best = OTHER;
    int most = least - 1;
    for (PatchClass candidate : classes) {
      if (pixels[candidate.ordinal()] > most) {
        best = candidate;
        most = pixels[candidate.ordinal()];
      }
    }
    return best;
  }
}
