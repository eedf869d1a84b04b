package saccade.perception.kv;

/**
 * What a {@link KvPolicy} sees of one slice's rows when the next set is about to begin. Rows lie in
 * no particular order; age and slot say what they are. Valid during one call.
 */
public interface CachedRows {

  /** Rows in use; indices run from 0. */
  int count();

  /** Most rows that the set about to begin appends, its text included. */
  int incoming();

  /** Whether the row is a sink: always kept, whatever a policy says. */
  boolean isSink(int row);

  /**
   * Whether the row was marked by {@link KvCache#guard}: never dropped while its set is visible.
   */
  boolean isGuarded(int row);

  /** Whether the row is a text token (prompts, action, facts); else it is a sensor token. */
  boolean isText(int row);

  /** Sets since the row's own; 1 = of the set before the one about to begin. */
  int age(int row);

  /** Slot of the token in its set. */
  int slot(int row);

  /**
   * Attention that the prompts of the newest sets gave to the row, summed over as many sets as
   * {@link KvPolicy#retrievalSets} asks for; 0 while nothing was measured. Never NaN.
   */
  float attention(int row);

  /** Scratch of at least {@link #count} floats; what is in it is lost after the call. */
  float[] scores();

  /** Scratch of at least {@link #count} indices; what is in it is lost after the call. */
  int[] picks();
}
