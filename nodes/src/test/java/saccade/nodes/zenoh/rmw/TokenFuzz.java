package saccade.nodes.zenoh.rmw;

/** Lets the fuzz test of the package above read tokens. */
public final class TokenFuzz {
  private TokenFuzz() {}

  public static void parse(String key) {
    Token t = Token.parse(key);
    if (t != null) {
      t.gid();
    }
  }
}
