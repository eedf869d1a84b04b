package saccade.sim.world;

/** How bright the world outside is. */
public enum Daylight {
  DAY,
  DUSK,
  NIGHT
}
