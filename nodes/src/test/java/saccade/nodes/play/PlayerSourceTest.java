package saccade.nodes.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import saccade.nodes.play.Recording.Pictures;
import saccade.nodes.play.Recording.Window;
import saccade.nodes.sensor.SensorInlets;
import saccade.realtime.clock.ManualClock;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.ledger.DropLedger;
import saccade.realtime.ledger.DropReason;
import saccade.realtime.ring.Doorbell;
import saccade.realtime.ring.FrameView;

final class PlayerSourceTest {
  private static final long START_NS = 5_000_000_000L;

  @TempDir Path folder;
  private final List<String> complaints = new ArrayList<>();

  private Recording recording() {
    return Recordings.open(folder, EgoAssumptions.STANDING_IN_TOWN);
  }

  @Test
  void shouldPushEachFrameAtItsOwnInstant() throws IOException {
    new KittiDrive(folder, 3);
    ManualClock clock = new ManualClock(START_NS);
    try (Arena arena = Arena.ofConfined();
        PlayerSource source = new PlayerSource(recording(), 2, complaints::add)) {
      SensorInlets inlets = new SensorInlets(arena, source.rig(), 4, clock, new Doorbell());
      source.attach(inlets, START_NS);
      assertEquals(50_000_000L, source.periodNs());
      source.pushDue(START_NS);
      FrameView view = new FrameView();
      assertTrue(inlets.ring(0).takeNext(view, START_NS));
      assertEquals(START_NS, view.captureNs());
      assertEquals(source.rig().cameras().getFirst().widthPx(), view.width());
      Window wide =
          ((Pictures) source.recording().tracks().getFirst().content()).windows().getFirst();
      int at = 3 * (2 * view.width() + 5);
      assertEquals(wide.x() + 5, view.payload().get(ValueLayout.JAVA_BYTE, at));
      assertEquals(wide.y() + 2, view.payload().get(ValueLayout.JAVA_BYTE, at + 1));
      view.release();
      assertFalse(inlets.ring(2).hasReady());
      clock.advance(2_000_000);
      source.pushDue(clock.nanoTime()); // the sweep is 4 ms later, 2 ms at this rate
      assertTrue(inlets.ring(2).takeNext(view, clock.nanoTime()));
      assertEquals(START_NS + 2_000_000, view.captureNs());
      assertEquals(16 * KittiDrive.POINTS, view.byteLength());
      view.release();
      assertEquals(START_NS + 50_000_000, source.nextDueNs());
      assertEquals(
          source.recording().tracks().getFirst().frames().get(1).stampNs(),
          source.stampNs(START_NS + 50_000_000));
      clock.advance(1_000_000_000);
      source.pushDue(clock.nanoTime());
      assertTrue(source.ended());
      assertEquals(9, source.framesIn());
      inlets.shutdown();
      inlets.ledgers().forEach(DropLedger::assertBalanced);
    }
  }

  @Test
  void shouldRehearseItsFirstFramesAgainAndAgainAndPlayThemAllTheSame() throws IOException {
    new KittiDrive(folder, 3);
    ManualClock clock = new ManualClock(START_NS);
    try (Arena arena = Arena.ofConfined();
        PlayerSource source = new PlayerSource(recording(), 1, complaints::add)) {
      source.prepare(1);
      SensorInlets stage = new SensorInlets(arena, source.rig(), 4, clock, new Doorbell());
      FrameView view = new FrameView();
      for (int set = 0; set < 3; set++) {
        long instantNs = START_NS - 300_000_000 + set * 100_000_000L;
        source.rehearse(stage, instantNs, set);
        assertEquals(0, stage.ego().latest().speedMps(), "else the same pictures would be frozen");
        for (int sensor = 0; sensor < 3; sensor++) {
          assertTrue(stage.ring(sensor).takeNext(view, START_NS), "sensor " + sensor);
          assertTrue(view.captureNs() >= instantNs && view.captureNs() < instantNs + 100_000_000);
          if (sensor < 2) { // red is the frame's number; inverted in another stripe each time
            int rowBytes = 3 * view.width();
            for (int stripe = 0; stripe < 8; stripe++) {
              long row = (2L * stripe + 1) * view.height() / 16;
              byte wanted = (byte) (stripe == set ? ~0 : 0);
              assertEquals(wanted, view.payload().get(ValueLayout.JAVA_BYTE, row * rowBytes + 2));
            }
          }
          view.release();
        }
      }
      assertEquals(0, source.framesIn());
      stage.shutdown();
      SensorInlets inlets = new SensorInlets(arena, source.rig(), 4, clock, new Doorbell());
      source.attach(inlets, START_NS);
      source.pushDue(START_NS + 1_000_000_000);
      assertTrue(source.ended());
      assertEquals(9, source.framesIn());
      assertEquals(3, inlets.ring(0).ledger().offered());
      inlets.shutdown();
    }
  }

  @Test
  void shouldRehearseTheFirstFrameThatCanBeRead() throws IOException {
    KittiDrive kitti = new KittiDrive(folder, 3);
    Files.write(kitti.picture(0), new byte[5]);
    Files.write(kitti.sweep(0), new byte[0]);
    try (Arena arena = Arena.ofConfined();
        PlayerSource source = new PlayerSource(recording(), 1, complaints::add)) {
      source.prepare(1);
      ManualClock clock = new ManualClock(START_NS);
      SensorInlets stage = new SensorInlets(arena, source.rig(), 4, clock, new Doorbell());
      source.rehearse(stage, START_NS - 100_000_000, 0);
      FrameView view = new FrameView();
      for (int sensor = 0; sensor < 3; sensor++) {
        assertTrue(stage.ring(sensor).takeNext(view, START_NS), "sensor " + sensor);
        if (sensor < 2) {
          long last = 3L * view.width() * view.height() - 1;
          assertEquals(1, view.payload().get(ValueLayout.JAVA_BYTE, last), "the second frame");
        } else {
          assertEquals(16 * KittiDrive.POINTS, view.byteLength());
        }
        view.release();
      }
      stage.shutdown();
    }
  }

  @Test
  void shouldCountAFrameThatCannotBeReadAndPlayTheOtherSensors() throws IOException {
    KittiDrive kitti = new KittiDrive(folder, 3);
    byte[] png = Files.readAllBytes(kitti.picture(1));
    Files.write(kitti.picture(1), java.util.Arrays.copyOf(png, png.length / 2));
    Files.write(kitti.sweep(2), new byte[0]);
    ManualClock clock = new ManualClock(START_NS);
    try (Arena arena = Arena.ofConfined();
        PlayerSource source = new PlayerSource(recording(), 1, complaints::add)) {
      SensorInlets inlets = new SensorInlets(arena, source.rig(), 4, clock, new Doorbell());
      source.attach(inlets, START_NS);
      clock.advance(1_000_000_000);
      source.pushDue(clock.nanoTime());
      for (int sensor = 0; sensor < 3; sensor++) {
        assertEquals(3, inlets.ring(sensor).ledger().offered());
        assertEquals(1, inlets.ring(sensor).ledger().dropped(DropReason.UNREADABLE));
        assertEquals(2, inlets.ring(sensor).inFlight());
      }
      assertEquals(2, complaints.size(), complaints.toString());
      assertTrue(complaints.get(0).contains("0000000001.png: expected a whole PNG"));
      assertTrue(complaints.get(1).contains("0000000002.bin"));
      inlets.shutdown();
      inlets.ledgers().forEach(DropLedger::assertBalanced);
    }
  }

  @Test
  void shouldFoldFaultsThatRepeat() throws IOException {
    KittiDrive kitti = new KittiDrive(folder, 4);
    for (int i = 0; i < 4; i++) {
      Files.write(kitti.sweep(i), new byte[15]);
    }
    ManualClock clock = new ManualClock(START_NS);
    try (Arena arena = Arena.ofConfined();
        PlayerSource source = new PlayerSource(recording(), 1, complaints::add)) {
      SensorInlets inlets = new SensorInlets(arena, source.rig(), 6, clock, new Doorbell());
      source.attach(inlets, START_NS);
      source.pushDue(START_NS + 1_000_000_000);
      assertEquals(1, complaints.size());
      assertEquals(1, source.faults().size());
      assertEquals(4, source.faults().getFirst().count());
      inlets.shutdown();
    }
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.SECONDS)
  void shouldPlayInRealTimeAndEndByItself() throws IOException, InterruptedException {
    new KittiDrive(folder, 3);
    NanoClock clock = NanoClock.system();
    try (Arena arena = Arena.ofShared();
        PlayerSource source = new PlayerSource(recording(), 10, complaints::add)) {
      SensorInlets inlets = new SensorInlets(arena, source.rig(), 4, clock, new Doorbell());
      assertFalse(source.ended());
      source.start(inlets);
      while (!source.ended()) {
        Thread.sleep(1);
      }
      assertEquals(9, source.framesIn());
      assertTrue(inlets.ego().ledger().offered() == 3);
      FrameView view = new FrameView();
      long last = 0;
      while (inlets.ring(0).takeNext(view, clock.nanoTime())) {
        assertTrue(view.captureNs() > last);
        assertTrue(view.publishedNs() >= view.captureNs(), "no frame from the future");
        last = view.captureNs();
        view.release();
      }
      inlets.shutdown();
      inlets.ledgers().forEach(DropLedger::assertBalanced);
    }
  }

  @Test
  void shouldBeginAgainWithRisingStampsAndTheSameFrames() throws IOException {
    new KittiDrive(folder, 3);
    ManualClock clock = new ManualClock(START_NS);
    Recording recording = recording();
    long lapNs = recording.lapNs();
    assertTrue(
        lapNs >= 3 * recording.periodNs() && lapNs < 4 * recording.periodNs(), lapNs + " ns a lap");
    try (Arena arena = Arena.ofConfined();
        PlayerSource source =
            new PlayerSource(recording, 1, PlayerSource.AtEnd.BEGIN_AGAIN, complaints::add)) {
      SensorInlets inlets = new SensorInlets(arena, source.rig(), 4, clock, new Doorbell());
      source.attach(inlets, START_NS);
      FrameView view = new FrameView();
      long lastNs = 0;
      byte[] first = null;
      for (int lap = 0; lap < 3; lap++) {
        for (int set = 0; set < 3; set++) {
          long dueNs = source.nextDueNs();
          if (set == 0) {
            assertEquals(START_NS + lap * lapNs, dueNs);
          }
          clock.set(dueNs + 20_000_000L); // the sweep is some milliseconds behind the picture
          source.pushDue(clock.nanoTime());
          assertFalse(source.ended());
          assertTrue(inlets.ring(0).takeNext(view, clock.nanoTime()));
          assertTrue(view.captureNs() > lastNs, "stamps rise over the end");
          lastNs = view.captureNs();
          byte[] pixels = view.payload().toArray(ValueLayout.JAVA_BYTE);
          view.release();
          assertTrue(inlets.ring(2).takeNext(view, clock.nanoTime()), "a sweep beside it");
          view.release();
          if (set == 0) {
            assertTrue(
                first == null || java.util.Arrays.equals(first, pixels), "the first picture");
            first = pixels;
          }
        }
      }
      assertEquals(27, source.framesIn(), "three sensors, three sets, three laps");
      assertEquals(9, inlets.ego().ledger().offered());
      source.close();
      assertTrue(source.ended());
      inlets.shutdown();
      inlets.ledgers().forEach(DropLedger::assertBalanced);
    }
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.SECONDS)
  void shouldEndAnEndlessRunWhenItIsClosedAndBlameNoFile() throws Exception {
    new KittiDrive(folder, 3);
    NanoClock clock = NanoClock.system();
    try (Arena arena = Arena.ofShared();
        PlayerSource source =
            new PlayerSource(recording(), 50, PlayerSource.AtEnd.BEGIN_AGAIN, complaints::add)) {
      SensorInlets inlets = new SensorInlets(arena, source.rig(), 4, clock, new Doorbell());
      source.start(inlets);
      while (source.framesIn() < 60) {
        assertFalse(source.ended());
        Thread.sleep(1);
      }
      source.close();
      assertTrue(source.ended());
      assertEquals(List.of(), complaints);
      inlets.shutdown();
      inlets.ledgers().forEach(DropLedger::assertBalanced);
    }
  }
}
