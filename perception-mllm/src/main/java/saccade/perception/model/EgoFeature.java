package saccade.perception.model;

import org.jspecify.annotations.Nullable;

/**
 * A number of the vehicle's own motion that a model may ask for; which ones it takes, and in what
 * order, its description says ({@code ego.order}).
 */
public enum EgoFeature {
  /** Along the vehicle, m/s. */
  SPEED("speed"),
  /** rad/s, left positive. */
  YAW_RATE("yawRate"),
  /** Wanted on a free road, m/s. */
  SET_SPEED("setSpeed"),
  /** Along the vehicle, m/s^2. */
  ACCELERATION("acceleration"),
  /** How long the last standstill lasted so far, 0..3 s; 0 when none is known. */
  STOOD("stood"),
  /** How far it is behind, 0..20 m; 0 while the vehicle stands, 20 when none is known. */
  DRIVEN("driven");

  private final String word;

  EgoFeature(String word) {
    this.word = word;
  }

  /** Its name in a description. */
  public String word() {
    return word;
  }

  /** The feature of that name; null when there is none. */
  static @Nullable EgoFeature of(String word) {
    for (EgoFeature feature : values()) {
      if (feature.word.equals(word)) {
        return feature;
      }
    }
    return null;
  }
}
