package saccade.realtime.os;

/** SIGINT (Ctrl-C) of this process. Set-down only. */
public final class InterruptSignal {
  private InterruptSignal() {}

  /**
   * The next SIGINT ends the process at once, as if nobody had a handler: while the JVM runs its
   * shutdown hooks it would be swallowed.
   *
   * @return false where this cannot be had (not Linux, no native access)
   */
  public static boolean restoreDefault() {
    Libc libc = Libc.here();
    return libc != null && !libc.defaultInterrupt().failed();
  }
}
