package saccade.realtime.deadline;

/** Levels of the degrade ladder, best first. Each one gives up what the ones above it gave up. */
public enum DegradeLevel {
  /** Everything. */
  FULL("full", 1),
  /** A few facts instead of the whole sentence. */
  BRIEF("brief", 0.95),
  /** No sentence: only the action. */
  SILENT("silent", 0.85),
  /** Fewer picture tokens of sensors that are not essential. */
  COARSE("coarse", 0.7),
  /** The action is decided at the earliest exit that may. */
  SHALLOW("shallow", 0.55),
  /** Essential sensors only. */
  ESSENTIAL("essential", 0.4),
  /** Nothing came in time for long: no new action, the vehicle is brought to a stop. */
  MINIMAL_RISK("minimal risk", 0);

  private static final DegradeLevel[] ALL = values();

  private final String word;
  private final double worth;

  DegradeLevel(String word, double worth) {
    this.word = word;
    this.worth = worth;
  }

  /** Name in outputs, diagnostics and on the page. */
  public String word() {
    return word;
  }

  /** What an output made at this level is worth beside a full one, 0..1; for comparing policies. */
  public double worth() {
    return worth;
  }

  /** The level of that ordinal, clamped to those there are. */
  public static DegradeLevel at(int ordinal) {
    return ALL[Math.clamp(ordinal, 0, ALL.length - 1)];
  }

  /** Whether this level gives up more. */
  public boolean worseThan(DegradeLevel other) {
    return ordinal() > other.ordinal();
  }

  /** The one that gives up more. */
  public DegradeLevel worse(DegradeLevel other) {
    return worseThan(other) ? this : other;
  }

  /** One step down; the bottom stays. */
  public DegradeLevel next() {
    return at(ordinal() + 1);
  }
}
