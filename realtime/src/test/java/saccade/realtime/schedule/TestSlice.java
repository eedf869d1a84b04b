package saccade.realtime.schedule;

/** A slice of which a test only says what it does; its deadline is never over by itself. */
abstract class TestSlice implements Slice {
  private final SliceKind kind;
  private final Criticality criticality;
  private final long deadlineNs;

  TestSlice(SliceKind kind, Criticality criticality, long deadlineNs) {
    this.kind = kind;
    this.criticality = criticality;
    this.deadlineNs = deadlineNs;
  }

  TestSlice(SliceKind kind, Criticality criticality) {
    this(kind, criticality, Long.MAX_VALUE);
  }

  /** One that does something once. */
  static Slice once(SliceKind kind, Criticality criticality, Runnable what) {
    return new TestSlice(kind, criticality) {
      @Override
      public Outcome run(long nowNs) {
        what.run();
        return Outcome.DONE;
      }
    };
  }

  @Override
  public final SliceKind kind() {
    return kind;
  }

  @Override
  public final Criticality criticality() {
    return criticality;
  }

  @Override
  public final long deadlineNs() {
    return deadlineNs;
  }

  @Override
  public void expired(long nowNs) {}
}
