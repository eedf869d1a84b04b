package saccade.nodes.dashboard;

import java.lang.foreign.ValueLayout;
import saccade.nodes.pipeline.Perceiver;
import saccade.nodes.pipeline.PipelineListener;
import saccade.nodes.pipeline.Publication;
import saccade.realtime.frameset.FrameSet;
import saccade.realtime.ring.FrameView;

/** Keeps of the newest set which sensors were in it and how bright each frame was. */
public final class PageSeen implements PipelineListener {
  private static final int SENSORS = 3;

  private record Seen(boolean[] has, int[] brightest) {}

  private volatile Seen newest = new Seen(new boolean[SENSORS], new int[SENSORS]);

  /** A perceiver that answers every set at once. */
  public Perceiver perceiver() {
    return new TalkingPerceiver();
  }

  @Override
  public void onMessage(Publication publication) {
    FrameSet set = publication.set();
    if (set == null) {
      return;
    }
    boolean[] has = new boolean[SENSORS];
    int[] brightest = new int[SENSORS];
    for (int i = 0; i < SENSORS; i++) {
      has[i] = set.has(i);
      if (has[i]) {
        FrameView view = set.view(i);
        for (int at = 0; at < view.byteLength(); at++) {
          brightest[i] =
              Math.max(brightest[i], view.payload().get(ValueLayout.JAVA_BYTE, at) & 0xff);
        }
      }
    }
    newest = new Seen(has, brightest);
  }

  /** Whether the newest set had that sensor's frame. */
  public boolean has(int sensor) {
    return newest.has[sensor];
  }

  /** Largest byte of the sensor's frame in the newest set, 0 where it was absent. */
  public int brightest(int sensor) {
    return newest.brightest[sensor];
  }
}
