package saccade.nodes.zenoh;

import saccade.nodes.cli.BadInput;

/**
 * Key expressions: chunks between slashes. {@code *} is any one chunk, {@code **} any number of
 * them, {@code $*} any piece within a chunk. A chunk that begins with {@code @} is matched by its
 * like alone, never by a wildcard.
 */
public final class KeyExpr {
  /** Longest, in UTF-8 bytes. The protocol allows 65535. */
  public static final int MAX_BYTES = 8192;

  private KeyExpr() {}

  /** {@code key} itself when it is in canonical form. */
  public static String check(String key) {
    String fault = fault(key);
    if (fault != null) {
      throw new BadInput("Zenoh key expression '" + key + "': " + fault);
    }
    return key;
  }

  static @org.jspecify.annotations.Nullable String fault(String key) {
    if (key.isEmpty()) {
      return "empty";
    }
    if (key.length() > MAX_BYTES) {
      return key.length() + " characters; at most " + MAX_BYTES;
    }
    String before = "";
    int start = 0;
    while (start <= key.length()) {
      int end = key.indexOf('/', start);
      if (end < 0) {
        end = key.length();
      }
      String chunk = key.substring(start, end);
      if (chunk.isEmpty()) {
        return "an empty chunk (two slashes, or one at an end)";
      }
      if (chunk.equals("**") && before.equals("**")) {
        return "'**/**'; wanted '**'";
      }
      if (chunk.equals("*") && before.equals("**")) {
        return "'**/*'; wanted '*/**'";
      }
      if (chunk.equals("$*")) {
        return "a chunk '$*'; wanted '*'";
      }
      for (int i = 0; i < chunk.length(); i++) {
        char c = chunk.charAt(i);
        if (c == '#' || c == '?') {
          return "a '" + c + "'";
        }
        if (c == '$' && (i + 1 == chunk.length() || chunk.charAt(i + 1) != '*')) {
          return "a '$' without '*'";
        }
        boolean whole = chunk.equals("*") || chunk.equals("**");
        if (c == '*' && !whole && (i == 0 || chunk.charAt(i - 1) != '$')) {
          return "a '*' within a chunk; wanted '$*'";
        }
      }
      before = chunk;
      start = end + 1;
    }
    return null;
  }

  static boolean wild(String key) {
    return key.indexOf('*') >= 0;
  }

  /** Is there a key that both stand for? */
  public static boolean intersects(String a, String b) {
    if (!wild(a) && !wild(b)) {
      return a.equals(b);
    }
    return match(a.split("/", -1), b.split("/", -1), false);
  }

  /** Does {@code a} stand for every key that {@code b} stands for? */
  public static boolean includes(String a, String b) {
    return a.equals(b) || match(a.split("/", -1), b.split("/", -1), true);
  }

  /** Dynamic programme over chunks: no pattern takes more than (chunks of a) × (chunks of b). */
  private static boolean match(String[] a, String[] b, boolean include) {
    boolean[] next = new boolean[b.length + 1]; // row i + 1
    boolean[] row = new boolean[b.length + 1]; // row i: do a[i..] and b[j..] match
    for (int i = a.length; i >= 0; i--) {
      for (int j = b.length; j >= 0; j--) {
        row[j] = cell(a, b, i, j, row, next, include);
      }
      boolean[] swap = next;
      next = row;
      row = swap;
    }
    return next[0];
  }

  private static boolean cell(
      String[] a, String[] b, int i, int j, boolean[] row, boolean[] next, boolean include) {
    boolean aEnds = i == a.length;
    boolean bEnds = j == b.length;
    if (aEnds && bEnds) {
      return true;
    }
    if (!aEnds && a[i].equals("**")) {
      boolean both = !bEnds && b[j].equals("**") && next[j + 1];
      return next[j] || both || (!bEnds && !verbatim(b[j]) && row[j + 1]);
    }
    if (!bEnds && b[j].equals("**")) {
      return !include && (row[j + 1] || (!aEnds && !verbatim(a[i]) && next[j]));
    }
    return !aEnds && !bEnds && chunk(a[i], b[j], include) && next[j + 1];
  }

  private static boolean verbatim(String chunk) {
    return chunk.startsWith("@");
  }

  private static boolean chunk(String a, String b, boolean include) {
    if (a.equals(b)) {
      return true;
    }
    if (verbatim(a) || verbatim(b)) {
      return false;
    }
    if (a.equals("*")) {
      return true;
    }
    if (b.equals("*")) {
      return !include;
    }
    if (a.indexOf('*') < 0 && b.indexOf('*') < 0) {
      return false;
    }
    return pieces(a.replace("$*", "*"), b.replace("$*", "*"), include);
  }

  /** The same over the characters of two chunks, {@code *} being any piece. */
  private static boolean pieces(String a, String b, boolean include) {
    boolean[] next = new boolean[b.length() + 1];
    boolean[] row = new boolean[b.length() + 1];
    for (int i = a.length(); i >= 0; i--) {
      for (int j = b.length(); j >= 0; j--) {
        boolean aEnds = i == a.length();
        boolean bEnds = j == b.length();
        if (aEnds && bEnds) {
          row[j] = true;
        } else if (!aEnds && a.charAt(i) == '*') {
          row[j] = next[j] || (!bEnds && row[j + 1]);
        } else if (!bEnds && b.charAt(j) == '*') {
          row[j] = !include && (row[j + 1] || (!aEnds && next[j]));
        } else {
          row[j] = !aEnds && !bEnds && a.charAt(i) == b.charAt(j) && next[j + 1];
        }
      }
      boolean[] swap = next;
      next = row;
      row = swap;
    }
    return next[0];
  }
}
