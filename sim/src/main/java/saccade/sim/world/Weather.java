package saccade.sim.world;

/** What the air is full of. */
public enum Weather {
  CLEAR,
  RAIN,
  FOG
}
