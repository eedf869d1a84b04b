package saccade.sim.truth;

/** What the cameras can see of the objects of a scene, by object id. */
public interface Sight {
  /** Whether any camera sees the object. */
  boolean any(int objectId);

  /** Whether the first (wide) camera sees the object. */
  boolean wide(int objectId);

  /** Whether any camera sees a lit lamp of this traffic light. */
  boolean lamp(int objectId);
}
