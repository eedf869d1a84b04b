package saccade.sim.truth;

/** What the sensors of a rig can see of the objects of a scene, by object id. */
public interface Sight {
  /** Returns of the LiDAR from which on it sees an object. */
  int SEEN_RETURNS = 3;

  /** Whether any camera, or the LiDAR, sees the object. */
  boolean any(int objectId);

  /** Whether any camera sees a lit lamp of this traffic light. */
  boolean lamp(int objectId);
}
