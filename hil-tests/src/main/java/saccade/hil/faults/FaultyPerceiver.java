package saccade.hil.faults;

import ai.onnxruntime.OnnxTensor;
import java.nio.FloatBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import saccade.hil.AroundModel;
import saccade.nodes.pipeline.ModelPerceiver;
import saccade.perception.SetInput;
import saccade.perception.engine.EngineException;
import saccade.perception.kv.KvCache;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.WorkShape;

/** The model's perceiver, with something wrong between two of its slices. */
final class FaultyPerceiver extends AroundModel {
  /** What is wrong. */
  enum Wrong {
    NOTHING,
    /** Every slice takes five times as long. */
    SLOW,
    /** A slice hangs until it is asked to come back. */
    HANGS_UNTIL_STOPPED,
    /** A slice hangs, deaf. */
    HANGS,
    /** Keys of the decoder's memory are not finite: a flipped bit, an overflow. */
    NOT_FINITE,
    /** ONNX Runtime fails. */
    ENGINE_FAILS
  }

  private static final int SLOWER = 5;

  private final NanoClock clock = NanoClock.system();
  private final CountDownLatch release = new CountDownLatch(1);
  private volatile Wrong wrong = Wrong.NOTHING;
  private volatile boolean stopped;
  private boolean poisoned;

  FaultyPerceiver(ModelPerceiver inner) {
    super(inner);
  }

  /** Any thread. */
  void wrong(Wrong now) {
    wrong = now;
  }

  /** Lets a thread that hangs go; end of a trial. */
  void release() {
    release.countDown();
  }

  @Override
  public void begin(SetInput input, long deadlineNs) {
    stopped = false;
    Wrong now = wrong;
    if (now == Wrong.NOT_FINITE && !poisoned) {
      poisoned = true; // once: it is for the product to get rid of it
      poison(inner.session().cache());
    } else if (now == Wrong.NOTHING) {
      poisoned = false;
    }
    inner.begin(input, deadlineNs);
  }

  private static void poison(KvCache cache) {
    OnnxTensor keys = cache.keyTensor(0, 0);
    FloatBuffer floats =
        (FloatBuffer)
            keys.getBufferRef()
                .orElseThrow(() -> new IllegalStateException("keys: wanted their memory"));
    for (int i = 0; i < floats.capacity(); i++) {
      floats.put(i, Float.NaN);
    }
  }

  @Override
  public boolean step(long nowNs) {
    long beganNs = clock.nanoTime();
    switch (wrong) {
      case HANGS_UNTIL_STOPPED -> {
        while (!stopped && wrong == Wrong.HANGS_UNTIL_STOPPED) {
          LockSupport.parkNanos(1_000_000);
        }
        inner.cut();
        return false;
      }
      case HANGS -> {
        awaitRelease();
        inner.cut();
        return false;
      }
      case ENGINE_FAILS ->
          throw new EngineException("decoder_1.onnx: ONNX Runtime failed: injected");
      case NOTHING, SLOW, NOT_FINITE -> {}
    }
    boolean more = inner.step(nowNs);
    if (wrong == Wrong.SLOW) {
      long untilNs = clock.nanoTime() + (SLOWER - 1) * (clock.nanoTime() - beganNs);
      while (clock.nanoTime() < untilNs && !stopped) {
        LockSupport.parkNanos(200_000);
      }
    }
    return more;
  }

  private void awaitRelease() {
    boolean interrupted = false;
    while (true) {
      try {
        release.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true; // deaf
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void stop() {
    stopped = true;
    inner.stop();
  }

  @Override
  public void limit(Decision decision) {
    inner.limit(decision);
  }

  @Override
  public WorkShape shape() {
    return inner.shape();
  }
}
