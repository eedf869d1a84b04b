package saccade.nodes.zenoh;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import saccade.nodes.zenoh.ZenohSession.GetOptions;
import saccade.nodes.zenoh.ZenohSession.PublisherOptions;
import saccade.nodes.zenoh.ZenohSession.ReplyListener;
import saccade.nodes.zenoh.ZenohSession.Target;
import saccade.nodes.zenoh.c.Libzenohc;

/**
 * Whether the library does what the offsets written down here say: one session without a network
 * says a message, and asks and answers a query, with nothing left at its default, and hears all of
 * it again.
 */
final class NativeSelfTest {
  private static final String KEY = "saccade/self/test";
  private static final String QUESTION = "saccade/self/question";
  private static final byte[] PAYLOAD = {1, 2, 3, 4, 5};
  private static final byte[] ATTACHMENT = "thirty-three bytes, as in rmw_zen".getBytes(US_ASCII);
  private static final int PRIORITY = 2;
  private static final long SEQUENCE = 0xFFFF_FFF0L;
  private static final long NTP = 0x6553_F100_8000_0000L;
  private static final long WAIT_S = 10;

  private final List<String> faults = new ArrayList<>(); // guarded by itself
  private final CountDownLatch sample = new CountDownLatch(1);
  private final CountDownLatch query = new CountDownLatch(1);
  private final CountDownLatch reply = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile int number; // of the publisher

  private NativeSelfTest() {}

  /** A fault in one line when something comes back that was not sent. */
  static void run() {
    try (NativeSession session = NativeSession.alone();
        Arena arena = Arena.ofShared()) {
      new NativeSelfTest().run(session, arena.allocateFrom(ValueLayout.JAVA_BYTE, PAYLOAD));
    }
  }

  private void run(NativeSession session, MemorySegment payload) {
    session.declareSubscriber("saccade/self/*", s -> heard(session, s));
    ZenohPublisher publisher =
        session.declarePublisher(KEY, new PublisherOptions(true, true, PRIORITY, true));
    number = publisher.entityId();
    boolean taken = publisher.put(payload, PAYLOAD.length, ATTACHMENT, SEQUENCE, NTP);
    expect("put", taken, true);
    session.declareQueryable(QUESTION, true, q -> asked(session, q));
    session.get(
        QUESTION,
        new GetOptions(Target.ALL_COMPLETE, "_max=1;_anyke", 1000 * WAIT_S),
        payload,
        PAYLOAD.length,
        ATTACHMENT,
        new ReplyListener() {
          @Override
          public void onReply(Sample s) {
            heardOf("reply", session, s);
            reply.countDown();
          }

          @Override
          public void onDone(boolean timedOut) {
            expect("the query's end by time", timedOut, false);
            done.countDown();
          }
        });
    await("sample", sample);
    await("query", query);
    await("reply", reply);
    await("end of the query", done);
    synchronized (faults) {
      if (!faults.isEmpty()) {
        throw Libzenohc.other("tried on itself, " + String.join(", ", faults));
      }
    }
  }

  private void heard(NativeSession session, Sample s) {
    heardOf("sample", session, s);
    expect("priority", s.priority(), PRIORITY);
    sample.countDown();
  }

  private void heardOf(String what, NativeSession session, Sample s) {
    expect(what + " key", s.key(), KEY);
    expect(what + " is a put", s.isPut(), true);
    expect(what + " payload", hex(s.payload()), hex(MemorySegment.ofArray(PAYLOAD)));
    expect(
        what + " attachment",
        s.attachmentBytes() < 0
            ? "none"
            : hex(s.attachmentMemory().asSlice(s.attachmentAt(), s.attachmentBytes())),
        hex(MemorySegment.ofArray(ATTACHMENT)));
    expect(what + " time", s.ntp(), NTP);
    expect(what + " source", String.valueOf(s.sourceId()), session.id().toString());
    expect(what + " source's number", s.sourceEntity(), number);
    expect(what + " sequence", s.sourceSequence(), SEQUENCE);
  }

  private void asked(NativeSession session, Query q) {
    expect("query key", q.key(), QUESTION);
    expect("query max", String.valueOf(q.parameter("_max")), "1");
    expect("query payload", Arrays.toString(q.payload()), Arrays.toString(PAYLOAD));
    expect("query attachment", Arrays.toString(q.attachment()), Arrays.toString(ATTACHMENT));
    q.reply(
        KEY,
        MemorySegment.ofArray(PAYLOAD),
        PAYLOAD.length,
        ATTACHMENT,
        session.id(),
        number,
        SEQUENCE,
        NTP);
    q.close();
    query.countDown();
  }

  private static String hex(MemorySegment bytes) {
    return HexFormat.of().formatHex(bytes.toArray(ValueLayout.JAVA_BYTE));
  }

  private void expect(String what, Object found, Object wanted) {
    if (!found.equals(wanted)) {
      synchronized (faults) {
        faults.add(what + " is " + found + " where " + wanted + " was sent");
      }
    }
  }

  private void await(String what, CountDownLatch latch) {
    try {
      if (!latch.await(WAIT_S, TimeUnit.SECONDS)) {
        synchronized (faults) {
          faults.add("no " + what + " came in " + WAIT_S + " s");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while libzenohc was tried", e);
    }
  }
}
