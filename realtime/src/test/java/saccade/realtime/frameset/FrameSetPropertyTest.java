package saccade.realtime.frameset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class FrameSetPropertyTest {

  private static final long PERIOD = 1_000;
  private static final long TOLERANCE = 250;
  private static final long TIMEOUT = 600;

  private record Arrival(int sensor, int instant, long captureNs, long atNs) {}

  private static FrameSetOptions options(int sensors, int silentAfterSets) {
    return new FrameSetOptions(
        sensors, PERIOD, TOLERANCE, TIMEOUT, silentAfterSets, 4, 10, 20 * PERIOD, 5, PERIOD / 10);
  }

  /**
   * Every instant seen by all sensors with jitter; some frames lost, some delayed by up to two
   * periods, in order per sensor.
   */
  private static List<Arrival> arrivals(
      Random random, int sensors, int instants, double loss, double delay) {
    List<Arrival> all = new ArrayList<>();
    for (int sensor = 0; sensor < sensors; sensor++) {
      long lastAt = 0;
      for (int instant = 1; instant <= instants; instant++) {
        if (random.nextDouble() < loss) {
          continue;
        }
        long capture = instant * PERIOD + random.nextLong(TOLERANCE + 1);
        long late =
            random.nextDouble() < delay ? random.nextLong(2 * PERIOD) : random.nextLong(200);
        long at = Math.max(lastAt, capture + late);
        lastAt = at;
        all.add(new Arrival(sensor, instant, capture, at));
      }
    }
    all.sort(Comparator.comparingLong(Arrival::atNs));
    return all;
  }

  @Property(tries = 400)
  void underAnyJitterDelayAndLossEveryFrameIsAccountedForAndNoSetMixesTwoInstants(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int sensors,
      @ForAll @IntRange(max = 4) int silentAfterSets,
      @ForAll @DoubleRange(max = 0.6) double loss,
      @ForAll @DoubleRange(max = 0.6) double delay) {
    Feed feed = new Feed(options(sensors, silentAfterSets));
    FrameSetAssembler assembler = feed.assembler;
    List<Arrival> arrivals = arrivals(new Random(seed), sensors, 30, loss, delay);
    Checker checker = new Checker();
    for (Arrival arrival : arrivals) {
      while (assembler.nextTimeoutNs() <= arrival.atNs()) {
        long due = assembler.nextTimeoutNs();
        FrameSet set = assembler.poll(due);
        assertTrue(set != null, "a set whose time-out has come leaves");
        checker.check(set, due);
      }
      feed.offer(arrival.sensor(), arrival.captureNs(), arrival.atNs());
      assembler.ledger().assertBalanced();
      for (FrameSet set = assembler.poll(arrival.atNs());
          set != null;
          set = assembler.poll(arrival.atNs())) {
        checker.check(set, arrival.atNs());
      }
    }
    for (FrameSet set = assembler.poll(Long.MAX_VALUE / 2);
        set != null;
        set = assembler.poll(Long.MAX_VALUE / 2)) {
      checker.check(set, set.referenceNs() + TIMEOUT);
    }
    feed.expectNothingHeld();
    assertEquals(arrivals.size(), assembler.ledger().offered());
    assertEquals(arrivals.size(), checker.frames + assembler.ledger().dropped());
    assertEquals(checker.frames, assembler.ledger().delivered());
  }

  /** No loss, no delay: every set is full, whatever the jitter within the tolerance. */
  @Property(tries = 200)
  void withoutLossAndDelayEverySetIsComplete(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int sensors) {
    Random random = new Random(seed);
    Feed feed = new Feed(options(sensors, 0));
    List<Arrival> arrivals = new ArrayList<>();
    for (int instant = 1; instant <= 20; instant++) {
      for (int sensor = 0; sensor < sensors; sensor++) {
        // Half the tolerance each way: an anchor at the late edge still lies period - tolerance
        // before the next set.
        long capture = instant * PERIOD + random.nextLong(TOLERANCE / 2 + 1);
        arrivals.add(new Arrival(sensor, instant, capture, capture + random.nextLong(100)));
      }
    }
    arrivals.sort(Comparator.comparingLong(Arrival::atNs));
    int sets = 0;
    for (Arrival arrival : arrivals) {
      assertEquals(null, feed.offer(arrival.sensor(), arrival.captureNs(), arrival.atNs()));
      FrameSet set = feed.assembler.poll(arrival.atNs());
      if (set != null) {
        assertTrue(set.complete());
        set.release();
        sets++;
      }
    }
    assertEquals(20, sets);
    feed.expectNothingHeld();
  }

  /**
   * Stamps without any sense at all: the account still balances, no lease is lost, nothing waits
   * for ever.
   */
  @Property(tries = 400)
  void senselessStampsAreCountedAndHarmNobody(
      @ForAll @Size(max = 80) List<@IntRange(max = 12_000) Integer> stamps, @ForAll long seed) {
    Random random = new Random(seed);
    Feed feed = new Feed(options(3, 2));
    long nowNs = 5_000;
    long frames = 0;
    for (int stamp : stamps) {
      nowNs += random.nextLong(400);
      feed.offer(random.nextInt(3), random.nextInt(5) == 0 ? 0 : stamp, nowNs);
      if (random.nextInt(3) == 0) {
        FrameSet set =
            random.nextBoolean() ? feed.assembler.poll(nowNs) : feed.assembler.pollNewest(nowNs);
        if (set != null) {
          assertTrue(set.spreadNs() <= TOLERANCE);
          frames += set.present();
          set.release();
        }
      }
      feed.assembler.ledger().assertBalanced();
    }
    assertTrue(
        feed.assembler.nextTimeoutNs() == Long.MAX_VALUE
            || feed.assembler.nextTimeoutNs() <= nowNs + 10 + TIMEOUT);
    feed.assembler.shutdown();
    feed.expectNothingHeld();
    assertEquals(stamps.size(), frames + feed.assembler.ledger().dropped());
  }

  private static final class Checker {
    private long frames;
    private long lastReferenceNs = Long.MIN_VALUE;

    void check(FrameSet set, long nowNs) {
      assertTrue(set.present() > 0, "an empty set never leaves");
      assertTrue(set.spreadNs() <= TOLERANCE);
      assertTrue(set.referenceNs() > lastReferenceNs, "sets leave in the order of their instants");
      assertTrue(
          nowNs <= Math.max(set.openedNs(), set.referenceNs() + TIMEOUT),
          "nobody waits past the time-out");
      lastReferenceNs = set.referenceNs();
      long instant = -1;
      int present = 0;
      for (int sensor = 0; sensor < set.sensors(); sensor++) {
        if (set.has(sensor)) {
          present++;
          long of = set.view(sensor).captureNs() / PERIOD;
          assertTrue(instant == -1 || instant == of, "two instants in one set");
          instant = of;
          assertEquals(sensor, set.view(sensor).source());
        }
      }
      assertEquals(set.present(), present);
      frames += present;
      set.release();
    }
  }
}
