package saccade.realtime.overload;

/** Sets that have come and do not run yet, in the order of their arrival. */
public final class Waiting {
  private int[] sets = new int[16];
  private int from;
  private int size;
  private long removed;

  /** None. */
  public Waiting() {}

  void add(int set) {
    if (from + size == sets.length) {
      int[] grown = size * 2 > sets.length ? new int[sets.length * 2] : sets;
      System.arraycopy(sets, from, grown, 0, size);
      sets = grown;
      from = 0;
    }
    sets[from + size++] = set;
  }

  /** How many. */
  public int size() {
    return size;
  }

  /** The one that came first; only when there is one. */
  public int oldest() {
    return sets[from];
  }

  /** The one that came last; only when there is one. */
  public int newest() {
    return sets[from + size - 1];
  }

  /** The first leaves: to be run, or dropped. */
  public int removeOldest() {
    removed++;
    size--;
    return sets[from++];
  }

  /** The last leaves and all before it with it: it is run, they are dropped. */
  public int takeNewest() {
    int newest = newest();
    removed += size;
    from += size;
    size = 0;
    return newest;
  }

  /** The last leaves: dropped. */
  public void removeNewest() {
    removed++;
    size--;
  }

  /** How many have left. */
  public long removed() {
    return removed;
  }
}
