package saccade.nodes.zenoh;

import saccade.nodes.cli.BadInput;

/**
 * Where a session can be reached: {@code tcp/127.0.0.1:7447}, {@code tls/robot:7447}, {@code
 * tcp/[::1]:7447}.
 *
 * @param tls TLS over TCP
 * @param host name or address, IPv6 without brackets
 * @param port 0..65535; 0 when listening: one that is free
 */
public record Locator(boolean tls, String host, int port) {

  /** Reads one; text after {@code ?} or {@code #} (Zenoh's metadata and settings) is ignored. */
  public static Locator parse(String text) {
    String rest = text;
    int cut = indexOfEither(rest);
    if (cut >= 0) {
      rest = rest.substring(0, cut);
    }
    boolean tls = rest.startsWith("tls/");
    int colon = rest.lastIndexOf(':');
    if (!(tls || rest.startsWith("tcp/")) || colon < 5) {
      throw new BadInput("Zenoh endpoint '" + text + "'; wanted tcp/HOST:PORT or tls/HOST:PORT");
    }
    String host = rest.substring(4, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    int port;
    try {
      port = Integer.parseInt(rest.substring(colon + 1));
    } catch (NumberFormatException e) {
      port = -1;
    }
    if (port < 0 || port > 65535 || host.isEmpty()) {
      throw new BadInput("Zenoh endpoint '" + text + "'; wanted a host and a port of 0 to 65535");
    }
    return new Locator(tls, host, port);
  }

  private static int indexOfEither(String text) {
    int question = text.indexOf('?');
    int hash = text.indexOf('#');
    return question < 0 ? hash : hash < 0 ? question : Math.min(question, hash);
  }

  @Override
  public String toString() {
    String h = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    return (tls ? "tls/" : "tcp/") + h + ":" + port;
  }
}
