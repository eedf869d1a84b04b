package saccade.nodes.zenoh;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A real link that reads given bytes instead of a socket. */
final class LinkOfBytes {
  private LinkOfBytes() {}

  /** A channel whose other end says these bytes, takes whatever it is told, and is gone. */
  static Channel channel(byte[] bytes) {
    ByteBuffer stream = ByteBuffer.wrap(bytes);
    return new Channel() {
      @Override
      public int read(ByteBuffer into, long timeoutMs) {
        if (!stream.hasRemaining()) {
          return -1;
        }
        int n = Math.min(into.remaining(), stream.remaining());
        into.put(stream.slice(stream.position(), n));
        stream.position(stream.position() + n);
        return n;
      }

      @Override
      public long write(ByteBuffer[] from) {
        long n = 0;
        for (ByteBuffer b : from) {
          n += b.remaining();
          b.position(b.limit());
        }
        return n;
      }

      @Override
      public void awaitWritable(long timeoutNs) {}

      @Override
      public String name() {
        return "bytes";
      }

      @Override
      public void close() {}
    };
  }

  /** Messages that came out; the link has ended by a named fault. */
  static long read(byte[] bytes) throws Exception {
    Channel channel = channel(bytes);
    var end = new CompletableFuture<ZenohFault>();
    var messages = new AtomicLong();
    Link.Owner owner =
        new Link.Owner() {
          @Override
          public void onMessage(Link link, Message message) {
            messages.incrementAndGet();
          }

          @Override
          public void onClosed(Link link, ZenohFault why) {
            end.complete(why);
          }
        };
    Handshake.Terms terms =
        new Handshake.Terms(
            Role.ROUTER, new ZenohId(1, 1), 1000, 65535, 0xFFF_FFFF, 0, 0, true, true);
    ZenohConfig config = ZenohConfig.builder(Role.CLIENT).maxMessageBytes(1 << 20).build();
    Link link = new Link(channel, terms, ByteBuffer.allocate(0), owner, new Counts(), config);
    Thread reader = link.start("link of bytes");
    ZenohFault why = end.get(30, TimeUnit.SECONDS);
    reader.join(); // its memory is given back
    assertTrue(
        why.kind() == ZenohFault.Kind.CONNECTION_LOST
            || why.kind() == ZenohFault.Kind.CLOSED_BY_PEER
            || why.kind() == ZenohFault.Kind.TOO_LARGE
            || why.kind() == ZenohFault.Kind.MALFORMED,
        why.toString());
    assertTrue(why.getMessage() != null && !why.getMessage().contains("Exception"), why.toString());
    return messages.get();
  }
}
