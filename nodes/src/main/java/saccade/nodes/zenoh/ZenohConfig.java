package saccade.nodes.zenoh;

import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How a session is opened. Nothing listens, and nothing is sent by multicast, unless it stands
 * here.
 *
 * @param role {@link Role#CLIENT} (one link, to the first endpoint that answers) or {@link
 *     Role#PEER} (a link to each endpoint, to who dials us, and to whom gossip or scouting names)
 * @param id who we are; random when null
 * @param connect endpoints to dial, again and again while the session is open
 * @param listen endpoints to accept at; peers only
 * @param leaseMs we are heard at least every quarter of it, ms; 10000
 * @param maxMessageBytes longest message accepted, bytes; 128 MiB
 * @param maxDeclarations most key expressions, tokens, … accepted of one peer; 65536
 * @param maxLinks most links at one time; 64
 * @param blockMs a peer that takes nothing for so long loses its link, ms; 5000
 * @param timestamps put a time stamp on what is published; as rmw_zenoh's sessions do
 * @param gossip peers only: dial whom others name, and tell others where we listen
 * @param scouting multicast; null: none
 * @param tls for {@code tls/} endpoints; its key manager holds our certificate, if any
 * @param tlsClientCertificates when listening: demand a certificate of who dials
 * @param tlsVerifyNames when dialling: the certificate must be for that host name
 */
public record ZenohConfig(
    Role role,
    @Nullable ZenohId id,
    List<Locator> connect,
    List<Locator> listen,
    long leaseMs,
    long maxMessageBytes,
    int maxDeclarations,
    int maxLinks,
    long blockMs,
    boolean timestamps,
    boolean gossip,
    @Nullable Scouting scouting,
    @Nullable SSLContext tls,
    boolean tlsClientCertificates,
    boolean tlsVerifyNames) {

  /**
   * Multicast scouting.
   *
   * @param group IPv4 address of the group; 224.0.0.224
   * @param port 7446
   * @param networkInterface its name, such as {@code lo}
   */
  public record Scouting(String group, int port, String networkInterface) {
    /** Zenoh's group and port, on one network interface only. */
    public static Scouting on(String networkInterface) {
      return new Scouting("224.0.0.224", 7446, networkInterface);
    }
  }

  public ZenohConfig {
    connect = List.copyOf(connect);
    listen = List.copyOf(listen);
    if (role == Role.ROUTER) {
      throw new IllegalArgumentException("role ROUTER; wanted CLIENT or PEER");
    }
    if (leaseMs < 100 || maxMessageBytes < 1024 || maxDeclarations < 1 || maxLinks < 1) {
      throw new IllegalArgumentException(
          "lease "
              + leaseMs
              + " ms, message "
              + maxMessageBytes
              + " bytes; wanted at least 100 ms and 1024 bytes");
    }
  }

  /** One link, to the first of {@code endpoints} that answers: {@code tcp/127.0.0.1:7447}. */
  public static ZenohConfig client(String... endpoints) {
    return new Builder(Role.CLIENT).connect(endpoints).build();
  }

  /** A peer that listens at a free port of the loopback and dials {@code endpoints}. */
  public static ZenohConfig peer(String... endpoints) {
    return new Builder(Role.PEER).listen("tcp/127.0.0.1:0").connect(endpoints).build();
  }

  public static Builder builder(Role role) {
    return new Builder(role);
  }

  /** Everything has a default but the role. */
  public static final class Builder {
    private final Role role;
    private @Nullable ZenohId id;
    private List<Locator> connect = List.of();
    private List<Locator> listen = List.of();
    private long leaseMs = 10_000;
    private long maxMessageBytes = 128L << 20;
    private int maxDeclarations = 65_536;
    private int maxLinks = 64;
    private long blockMs = 5000;
    private boolean timestamps;
    private boolean gossip = true;
    private @Nullable Scouting scouting;
    private @Nullable SSLContext tls;
    private boolean tlsClientCertificates = true;
    private boolean tlsVerifyNames = true;

    Builder(Role role) {
      this.role = role;
    }

    public Builder id(ZenohId id) {
      this.id = id;
      return this;
    }

    public Builder connect(String... endpoints) {
      connect = List.of(endpoints).stream().map(Locator::parse).toList();
      return this;
    }

    public Builder listen(String... endpoints) {
      listen = List.of(endpoints).stream().map(Locator::parse).toList();
      return this;
    }

    public Builder leaseMs(long ms) {
      leaseMs = ms;
      return this;
    }

    public Builder maxMessageBytes(long bytes) {
      maxMessageBytes = bytes;
      return this;
    }

    public Builder maxDeclarations(int count) {
      maxDeclarations = count;
      return this;
    }

    public Builder maxLinks(int count) {
      maxLinks = count;
      return this;
    }

    public Builder blockMs(long ms) {
      blockMs = ms;
      return this;
    }

    public Builder timestamps(boolean on) {
      timestamps = on;
      return this;
    }

    public Builder gossip(boolean on) {
      gossip = on;
      return this;
    }

    public Builder scouting(@Nullable Scouting scouting) {
      this.scouting = scouting;
      return this;
    }

    /**
     * @param context keys and trust
     * @param clientCertificates demand one of who dials us
     * @param verifyNames the certificate of whom we dial must be for that host name
     */
    public Builder tls(SSLContext context, boolean clientCertificates, boolean verifyNames) {
      tls = context;
      tlsClientCertificates = clientCertificates;
      tlsVerifyNames = verifyNames;
      return this;
    }

    public ZenohConfig build() {
      return new ZenohConfig(
          role,
          id,
          connect,
          listen,
          leaseMs,
          maxMessageBytes,
          maxDeclarations,
          maxLinks,
          blockMs,
          timestamps,
          gossip,
          scouting,
          tls,
          tlsClientCertificates,
          tlsVerifyNames);
    }
  }
}
