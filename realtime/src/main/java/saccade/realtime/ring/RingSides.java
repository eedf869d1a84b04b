package saccade.realtime.ring;

/**
 * What producer and consumer of a {@link FrameRing} write at each frame, kept apart so that neither
 * takes a cache line from the other.
 */
final class RingSides {

  private RingSides() {}

  /** Producer's. */
  abstract static class Producer {
    long nextSequence;
    long offered;
  }

  /** A line and its neighbour of nothing. */
  abstract static class ProducerPadding extends Producer {
    long p00;
    long p01;
    long p02;
    long p03;
    long p04;
    long p05;
    long p06;
    long p07;
    long p08;
    long p09;
    long p10;
    long p11;
    long p12;
    long p13;
    long p14;
    long p15;
  }

  /** Consumer's; head is moved by an overrunning producer too. */
  abstract static class Consumer extends ProducerPadding {
    long head = -1; // sequence of the last handle taken from the ring
    long seenCursor = -1; // what the consumer knows to be published
    long delivered;
  }

  /** A line and its neighbour of nothing, before the references that both read. */
  abstract static class ConsumerPadding extends Consumer {
    long q00;
    long q01;
    long q02;
    long q03;
    long q04;
    long q05;
    long q06;
    long q07;
    long q08;
    long q09;
    long q10;
    long q11;
    long q12;
    long q13;
    long q14;
    long q15;
  }
}
