package saccade.nodes.zenoh;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** TLS over TCP by the JDK's engine. The handshake is done before anybody gets it. */
final class TlsChannel implements Channel {
  private static final ByteBuffer[] NOTHING = {ByteBuffer.allocate(0)};

  private final PlainChannel wire;
  private final SSLEngine engine;
  private final ByteBuffer netIn; // reader; between calls ready to be read
  private final ReentrantLock writing = new ReentrantLock();
  private final ByteBuffer[] netOut = new ByteBuffer[2]; // guarded by writing; ready to be read

  private TlsChannel(PlainChannel wire, SSLEngine engine) {
    this.wire = wire;
    this.engine = engine;
    int packet = engine.getSession().getPacketBufferSize();
    netIn = ByteBuffer.allocateDirect(2 * packet).flip();
    netOut[0] = ByteBuffer.allocateDirect(packet).flip();
    netOut[1] = ByteBuffer.allocate(0);
  }

  static TlsChannel connect(Locator to, ZenohConfig config, int timeoutMs) throws IOException {
    SSLEngine engine = context(config.tls(), to).createSSLEngine(to.host(), to.port());
    engine.setUseClientMode(true);
    if (config.tlsVerifyNames()) {
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      engine.setSSLParameters(parameters);
    }
    return shakeHands(PlainChannel.connect(to, timeoutMs), engine, timeoutMs);
  }

  static TlsChannel accept(SocketChannel socket, String name, ZenohConfig config, int timeoutMs)
      throws IOException {
    InetSocketAddress local = (InetSocketAddress) socket.getLocalAddress();
    Locator at = new Locator(true, local.getHostString(), local.getPort());
    SSLEngine engine = context(config.tls(), at).createSSLEngine();
    engine.setUseClientMode(false);
    engine.setNeedClientAuth(config.tlsClientCertificates());
    return shakeHands(PlainChannel.over(socket, name), engine, timeoutMs);
  }

  private static SSLContext context(@Nullable SSLContext given, Locator at) throws SSLException {
    if (given == null) {
      throw new SSLException(at + " wants TLS; the session has no certificates to use");
    }
    return given;
  }

  private static TlsChannel shakeHands(PlainChannel wire, SSLEngine engine, int timeoutMs)
      throws IOException {
    TlsChannel channel = new TlsChannel(wire, engine);
    try {
      channel.shakeHands(System.nanoTime() + timeoutMs * 1_000_000L);
      return channel;
    } catch (IOException | RuntimeException e) {
      wire.close();
      throw e;
    }
  }

  private void shakeHands(long untilNs) throws IOException {
    ByteBuffer none = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
    engine.beginHandshake();
    while (true) {
      if (System.nanoTime() > untilNs) {
        throw new SSLException(name() + " does not finish the TLS handshake in time");
      }
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> runTasks();
        case NEED_WRAP -> {
          wrap(NOTHING);
          flush(true);
        }
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
          SSLEngineResult r = engine.unwrap(netIn, none);
          if (r.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW && !fill(100)) {
            throw new SSLException(name() + " hung up in the TLS handshake");
          }
          if (r.getStatus() == SSLEngineResult.Status.CLOSED) {
            throw new SSLException(name() + " closed the TLS handshake");
          }
        }
        default -> {
          flush(true);
          return;
        }
      }
    }
  }

  private void runTasks() {
    Runnable task;
    while ((task = engine.getDelegatedTask()) != null) {
      task.run();
    }
  }

  /** Reads more of the wire; false at its end. */
  private boolean fill(long timeoutMs) throws IOException {
    netIn.compact();
    int n = wire.read(netIn, timeoutMs);
    netIn.flip();
    return n >= 0;
  }

  @Override
  public int read(ByteBuffer into, long timeoutMs) throws IOException {
    boolean waited = false;
    while (true) {
      if (!netIn.hasRemaining() || waited) {
        if (waited && !netIn.hasRemaining()) {
          return 0;
        }
        if (!fill(waited ? 1000 : timeoutMs)) {
          return -1;
        }
        if (!netIn.hasRemaining()) {
          return 0;
        }
      }
      int before = into.position();
      SSLEngineResult r = engine.unwrap(netIn, into);
      switch (r.getStatus()) {
        case BUFFER_UNDERFLOW -> {
          waited = true;
          continue;
        }
        case CLOSED -> {
          return -1;
        }
        case BUFFER_OVERFLOW -> throw new SSLException("receive buffer too small for a TLS record");
        default -> {}
      }
      if (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
        runTasks();
      }
      if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        writing.lock(); // a key update asks for an answer
        try {
          flush(true);
          wrap(NOTHING);
          flush(true);
        } finally {
          writing.unlock();
        }
      }
      if (into.position() > before) {
        return into.position() - before;
      }
      waited = false;
    }
  }

  @Override
  public long write(ByteBuffer[] from) throws IOException {
    writing.lock();
    try {
      if (!flush(false)) {
        return 0;
      }
      long total = 0;
      while (from[0].hasRemaining() || from[1].hasRemaining()) {
        int n = wrap(from);
        total += n;
        if (!flush(false)) {
          // the record is begun: it has to go out whole, or the peer would wait for its rest
          flush(true);
        }
        if (n == 0) {
          break;
        }
      }
      return total;
    } finally {
      writing.unlock();
    }
  }

  private int wrap(ByteBuffer[] from) throws IOException {
    ByteBuffer out = netOut[0];
    out.compact();
    try {
      SSLEngineResult r = engine.wrap(from, out);
      if (r.getStatus() == SSLEngineResult.Status.CLOSED) {
        throw new SSLException(name() + ": the TLS session is closed");
      }
      return r.bytesConsumed();
    } finally {
      out.flip();
    }
  }

  /** True when all is out. */
  private boolean flush(boolean wait) throws IOException {
    while (netOut[0].hasRemaining()) {
      if (wire.write(netOut) == 0) {
        if (!wait) {
          return false;
        }
        wire.awaitWritable(100_000_000);
      }
    }
    return true;
  }

  @Override
  public void awaitWritable(long timeoutNs) throws IOException {
    wire.awaitWritable(timeoutNs);
  }

  @Override
  public String name() {
    return wire.name();
  }

  @Override
  public void close() {
    wire.close();
  }
}
