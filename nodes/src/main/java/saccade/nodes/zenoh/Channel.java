package saccade.nodes.zenoh;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A stream of bytes to one peer, plain or TLS. One thread reads; one at a time writes. */
interface Channel extends AutoCloseable {
  /** Reads what is there, waiting at most {@code timeoutMs} for the first byte: bytes, 0, or -1. */
  int read(ByteBuffer into, long timeoutMs) throws IOException;

  /** Writes what the peer takes now: bytes of {@code from}, in order; 0 when it takes none. */
  long write(ByteBuffer[] from) throws IOException;

  /** Waits until the peer takes something, or {@code timeoutNs} have passed. */
  void awaitWritable(long timeoutNs) throws IOException;

  /** For people: {@code tcp/127.0.0.1:7447}. */
  String name();

  /** Ends reads and writes at once; any thread, any number of times. */
  @Override
  void close();
}
