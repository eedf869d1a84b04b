package saccade.realtime.deadline;

/**
 * How closely a set is looked at: tokens, layers, sensors. Best first. What is written about it,
 * the text, is a knob of its own.
 */
public enum Sight {
  /** All tokens, all layers. */
  WHOLE("whole", 0, false, Sensors.ALL),
  /** All tokens, the action at the earliest exit that may decide it. */
  EARLY("early", 0, true, Sensors.ALL),
  /** A third of the tokens that can be spared left out, all layers. */
  THINNED("thinned", 1, false, Sensors.ALL),
  /** Two thirds left out, all layers. */
  THIN("thin", 2, false, Sensors.ALL),
  /** All that can be spared left out, all layers. */
  THINNEST("thinnest", 3, false, Sensors.ALL),
  /** All that can be spared left out, earliest exit. */
  SHALLOW("shallow", 3, true, Sensors.ALL),
  /** Essential sensors alone with all their tokens, earliest exit. */
  AHEAD("ahead", 0, true, Sensors.ESSENTIAL),
  /** Essential sensors alone, all that can be spared left out, earliest exit. */
  LEAST("least", 3, true, Sensors.ESSENTIAL),
  /**
   * As {@link #LEAST}, without those sensors whose tokens cannot be thinned (the sweep; its reflex
   * does not go through the model).
   */
  EYES("eyes", 3, true, Sensors.THINNABLE);

  /** Which sensors are used. */
  enum Sensors {
    ALL,
    ESSENTIAL,
    THINNABLE
  }

  /** Steps of thinning. */
  static final int STEPS = 3;

  private final String word;
  private final int thinning;
  private final boolean early;
  private final Sensors sensors;

  Sight(String word, int thinning, boolean early, Sensors sensors) {
    this.word = word;
    this.thinning = thinning;
    this.early = early;
    this.sensors = sensors;
  }

  /** The same where the action came from an earlier exit than planned. */
  public Sight atEarlyExit() {
    return early ? this : thinning == 0 ? EARLY : SHALLOW;
  }

  /** Name in tables. */
  public String word() {
    return word;
  }

  /** Steps of thinning, 0..{@value #STEPS}. */
  int thinning() {
    return thinning;
  }

  /** Whether the action is decided at the earliest exit that may. */
  boolean early() {
    return early;
  }

  /** Whether only essential sensors are used. */
  boolean onlyEssential() {
    return sensors != Sensors.ALL;
  }

  /** Whether only those essential sensors are used whose tokens can be thinned. */
  boolean onlyThinnable() {
    return sensors == Sensors.THINNABLE;
  }
}
