package saccade.nodes.zenoh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import saccade.nodes.zenoh.ZenohSession.GetOptions;
import saccade.nodes.zenoh.ZenohSession.PublisherOptions;
import saccade.nodes.zenoh.ZenohSession.ReplyListener;
import saccade.nodes.zenoh.ZenohSession.Target;
import saccade.nodes.zenoh.c.Blocks;
import saccade.nodes.zenoh.c.Upcalls;

/**
 * Every kind of handle of libzenohc made, used and closed over and over: 200 times (sessions 10),
 * 10 000 with {@code -Dsaccade.test.long=true}.
 */
class NativeCyclesTest {
  private static final boolean LONG = Boolean.getBoolean("saccade.test.long");
  private static final int CYCLES = LONG ? 10_000 : 200;
  private static final int SESSIONS = LONG ? 10_000 : 10;
  private static final MemorySegment THREE = MemorySegment.ofArray(new byte[3]);

  private interface Cycle {
    void run() throws Exception;
  }

  private static void cycle(String what, int times, Cycle cycle) throws Exception {
    for (int i = 0; i < times / 10 + 2; i++) {
      cycle.run();
    }
    int blocks = Blocks.live();
    int closures = Upcalls.live();
    long kept = residentKb();
    long begun = System.nanoTime();
    for (int i = 0; i < times; i++) {
      cycle.run();
    }
    long tookMs = (System.nanoTime() - begun) / 1_000_000;
    SessionContract.await(what + ": all closures dropped", () -> Upcalls.live() == closures);
    assertEquals(blocks, Blocks.live(), what + ": memory kept");
    assertEquals(0, Upcalls.thrown(), what);
    System.out.printf(
        "libzenohc: %s %d times in %d ms, resident %+d kB%n",
        what, times, tookMs, residentKb() - kept);
  }

  private static long residentKb() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return 0;
  }

  @Test
  void handlesLeaveNothingBehind() throws Exception {
    Path library = RealLibrary.path();
    try (ZenohSession s = ZenohSession.open(library, ZenohConfig.peer())) {
      var got = new LinkedBlockingQueue<String>();
      cycle(
          "publisher",
          CYCLES,
          () -> {
            ZenohPublisher p = s.declarePublisher("k", PublisherOptions.DEFAULT);
            assertTrue(p.put(THREE, 3, new byte[33], 1, 1L << 40));
            p.close();
            p.close();
          });
      try (ZenohPublisher p = s.declarePublisher("k", PublisherOptions.DEFAULT)) {
        cycle(
            "subscriber",
            CYCLES,
            () -> {
              var d = s.declareSubscriber("k", x -> got.add("sample"));
              p.put(THREE, 3, null);
              d.close();
              d.close();
              assertEquals("sample", got.poll());
              p.put(THREE, 3, null);
              assertEquals(null, got.poll());
            });
      }
      cycle(
          "queryable and query",
          CYCLES,
          () -> {
            var d =
                s.declareQueryable(
                    "q",
                    true,
                    q -> {
                      q.reply("q", THREE, 3, null);
                      q.close();
                    });
            s.get(
                "q",
                new GetOptions(Target.ALL_COMPLETE, "", 60_000),
                THREE,
                3,
                null,
                new ReplyListener() {
                  @Override
                  public void onReply(Sample x) {
                    got.add("reply");
                  }

                  @Override
                  public void onDone(boolean timedOut) {
                    got.add("done " + timedOut);
                  }
                });
            assertEquals("reply", got.poll(60, TimeUnit.SECONDS));
            assertEquals("done false", got.poll(60, TimeUnit.SECONDS));
            d.close();
          });
      cycle(
          "token and who hears of it",
          CYCLES,
          () -> {
            var watch = s.declareTokenListener("@t/**", (k, lives) -> got.add(k + lives));
            var token = s.declareToken("@t/1");
            assertEquals("@t/1true", got.poll(60, TimeUnit.SECONDS));
            token.close();
            token.close();
            assertEquals("@t/1false", got.poll(60, TimeUnit.SECONDS));
            watch.close();
            watch.close();
          });
    }
    cycle(
        "session with all of them open",
        SESSIONS,
        () -> {
          try (ZenohSession s = ZenohSession.open(library, ZenohConfig.peer())) {
            s.declareSubscriber("k", x -> {});
            s.declareQueryable("q", true, Query::close);
            s.declareToken("@t/1");
            s.declareTokenListener("@t/**", (k, lives) -> {});
            s.declarePublisher("k", PublisherOptions.DEFAULT).put(THREE, 3, null);
          }
        });
  }

  @Test
  void closedWhileOthersUseIt() throws Exception {
    Path library = RealLibrary.path();
    for (int round = 0; round < (LONG ? 500 : 10); round++) {
      ZenohSession s = ZenohSession.open(library, ZenohConfig.peer());
      s.declareSubscriber("k", x -> {});
      ZenohPublisher p = s.declarePublisher("k", PublisherOptions.DEFAULT);
      var ended = new LinkedBlockingQueue<String>();
      Runnable[] users = {
        () -> p.put(THREE, 3, null),
        () -> s.declareSubscriber("other", x -> {}).close(),
        () -> s.declareToken("@t/2").close(),
        () -> s.peers()
      };
      for (Runnable user : users) {
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    while (true) {
                      user.run();
                    }
                  } catch (IllegalStateException e) {
                    ended.add(String.valueOf(e.getMessage()));
                  }
                });
      }
      Thread.sleep(3);
      s.close();
      for (Runnable user : users) {
        String said = ended.poll(60, TimeUnit.SECONDS);
        assertTrue(said != null && said.endsWith(" is closed"), round + ": " + said);
      }
    }
  }
}
