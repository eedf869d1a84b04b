package saccade.realtime.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each wish is made on a thread of its own, so that the test runner keeps its own settings. */
class ThreadPolicyTest {
  @BeforeAll
  static void linux() {
    assumeTrue(Libc.here() != null, "not Linux");
  }

  @Test
  void asksForNothingAndSaysWhatIsThere() throws InterruptedException {
    ThreadPolicy.Found found = applied(ThreadPolicy.AS_IS);
    assertTrue(found.refusals().isEmpty());
    assertTrue(found.cpus() != 0, found.line());
    assertTrue(found.line().startsWith("policy-test: cpus "), found.line());
  }

  @Test
  void oneCpuIsReadBack() throws InterruptedException {
    long all = applied(ThreadPolicy.AS_IS).cpus();
    long last = Long.highestOneBit(all);
    ThreadPolicy.Found found = applied(new ThreadPolicy(last, 0, ThreadPolicy.NICE_AS_IS));
    assertEquals(last, found.cpus());
    assertTrue(found.refusals().isEmpty(), found.refusals().toString());
    assertEquals(all, applied(ThreadPolicy.AS_IS).cpus(), "another thread is not touched");
  }

  @Test
  void aCpuThatIsNotThereIsRefusedByName() throws InterruptedException {
    long all = applied(ThreadPolicy.AS_IS).cpus();
    assumeTrue(all >= 0 && (all & 1L << 63) == 0, "this machine has 64 CPUs");
    ThreadPolicy.Found found = applied(new ThreadPolicy(1L << 63, 0, ThreadPolicy.NICE_AS_IS));
    assertEquals(1, found.refusals().size());
    String line = found.refusals().getFirst();
    assertTrue(line.contains("wanted cpus 63, has cpus " + ThreadPolicy.cpuList(all)), line);
    assertTrue(line.contains("EINVAL"), line);
  }

  @Test
  void niceIsAThreadsOwn() throws InterruptedException {
    int before = applied(ThreadPolicy.AS_IS).nice();
    assumeTrue(before < 15, "already as nice as can be");
    ThreadPolicy.Found found = applied(new ThreadPolicy(0, 0, before + 3));
    assertEquals(before + 3, found.nice());
    assertEquals(before, applied(ThreadPolicy.AS_IS).nice());
  }

  @Test
  void fifoIsGrantedOrRefusedButNeverClaimed() throws InterruptedException {
    ThreadPolicy.Found found = applied(new ThreadPolicy(0, 10, ThreadPolicy.NICE_AS_IS));
    if (found.refusals().isEmpty()) {
      assertEquals("FIFO", found.schedulingClass());
      assertEquals(10, found.priority());
    } else {
      assertFalse(found.schedulingClass().equals("FIFO"), found.line());
      assertTrue(found.refusals().getFirst().contains("wanted FIFO 10"), found.line());
    }
  }

  @Test
  void valuesOutsideTheKernelsRangesAreRefusedAtOnce() {
    assertThrows(IllegalArgumentException.class, () -> new ThreadPolicy(0, 100, 0));
    assertThrows(IllegalArgumentException.class, () -> new ThreadPolicy(0, 0, 20));
  }

  @Test
  void lockedMemoryIsReadBack() {
    String refusal = ProcessMemory.lock();
    try {
      assertEquals(refusal.isEmpty(), ProcessMemory.lockedBytes() > 0, refusal);
    } finally {
      ProcessMemory.unlock();
    }
    assertEquals(0, ProcessMemory.lockedBytes());
  }

  private static ThreadPolicy.Found applied(ThreadPolicy policy) throws InterruptedException {
    AtomicReference<ThreadPolicy.Found> found = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform().name("policy-test").start(() -> found.set(policy.applyToThisThread()));
    thread.join();
    return found.get();
  }
}
