package saccade.nodes.bridge;

import java.util.List;
import saccade.nodes.ros.RosFault;

/** Closes parts in reverse order; what a closed node says to that is of no interest. */
final class Closing {
  private Closing() {}

  static void all(List<AutoCloseable> parts) {
    for (AutoCloseable part : parts.reversed()) {
      try {
        part.close();
      } catch (RosFault gone) {
        // the node went first and took it along
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
    parts.clear();
  }
}
