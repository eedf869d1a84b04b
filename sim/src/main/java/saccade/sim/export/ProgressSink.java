package saccade.sim.export;

/** Hears how far a long job is. May be called from several threads, one at a time. */
@FunctionalInterface
public interface ProgressSink {
  /**
   * @param done finished sequences
   * @param total all sequences
   */
  void progress(long done, long total);
}
