package saccade.nodes.zenoh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** TCP. Not blocking, so that a message that may be dropped need not wait for a slow peer. */
final class PlainChannel implements Channel {
  private final SocketChannel socket;
  private final Selector readable;
  private final Selector writable;
  private final String name;

  private PlainChannel(SocketChannel socket, Selector readable, Selector writable, String name) {
    this.socket = socket;
    this.readable = readable;
    this.writable = writable;
    this.name = name;
  }

  static PlainChannel connect(Locator to, int timeoutMs) throws IOException {
    InetSocketAddress address = new InetSocketAddress(to.host(), to.port());
    if (address.isUnresolved()) {
      throw new IOException("host name '" + to.host() + "' is unknown");
    }
    SocketChannel socket = SocketChannel.open();
    try {
      socket.socket().connect(address, timeoutMs);
      return over(socket, to.toString());
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Takes over {@code socket}; it is closed when this fails. */
  static PlainChannel over(SocketChannel socket, String name) throws IOException {
    Selector readable = null;
    Selector writable = null;
    try {
      socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      socket.configureBlocking(false);
      readable = Selector.open();
      writable = Selector.open();
      socket.register(readable, SelectionKey.OP_READ);
      socket.register(writable, SelectionKey.OP_WRITE);
      return new PlainChannel(socket, readable, writable, name);
    } catch (IOException e) {
      close(socket);
      close(readable);
      close(writable);
      throw e;
    }
  }

  @Override
  public int read(ByteBuffer into, long timeoutMs) throws IOException {
    readable.select(key -> {}, Math.max(1, timeoutMs));
    return socket.read(into);
  }

  @Override
  public long write(ByteBuffer[] from) throws IOException {
    return from[1].hasRemaining() ? socket.write(from) : socket.write(from[0]);
  }

  @Override
  public void awaitWritable(long timeoutNs) throws IOException {
    writable.select(key -> {}, Math.max(1, timeoutNs / 1_000_000));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void close() {
    close(socket);
    close(readable);
    close(writable);
  }

  private static void close(@Nullable AutoCloseable it) {
    try {
      if (it != null) {
        it.close();
      }
    } catch (IOException | UncheckedIOException e) {
      // closed is closed: there is nobody to whom this would matter
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
