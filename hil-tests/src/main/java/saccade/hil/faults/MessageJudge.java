package saccade.hil.faults;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Rig;
import saccade.nodes.pipeline.MessageHealth;
import saccade.nodes.pipeline.PipelineListener;
import saccade.nodes.pipeline.PipelineOptions;
import saccade.nodes.pipeline.Publication;
import saccade.planner.ActionChunk;
import saccade.planner.ActionCodecSpec;
import saccade.planner.ExpiryProfile;
import saccade.planner.PlannerMessage;
import saccade.planner.PlannerMessage.Kind;
import saccade.planner.StaleGate;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.deadline.DegradeLevel;

/**
 * Hears what a planner hears and what the vehicle is told, and judges it by its own arithmetic: no
 * stale and no invalid action may pass the gate, none may be decided without a camera that looks
 * ahead where the rig has one, no command may accelerate on one that has expired. Listener and
 * vehicle on the control thread; the rest from any thread.
 */
final class MessageJudge implements PipelineListener {
  private static final double HARDEST_MPS2 = 12;
  private static final long EASING_NS = 500_000_000L; // jerk-limited way to zero acceleration
  private static final int HEALTHY_IN_ROW = 5;
  private static final int MOST_COMPLAINTS = 20;

  /**
   * A message as it was heard.
   *
   * @param atNs when
   * @param healthy decided by the model on all sensors, the controller follows
   */
  record Heard(PlannerMessage message, long atNs, MessageHealth health, boolean healthy) {}

  private final PipelineOptions options;
  private final NanoClock clock;
  private final List<String> ahead;
  private final ActionCodecSpec limits = ActionCodecSpec.saccadeNano();
  private final List<Heard> heard = new ArrayList<>(); // guarded by itself
  private final List<String> invalid = new ArrayList<>(); // guarded by heard
  private final TreeSet<String> untrusted = new TreeSet<>(); // guarded by heard
  private long untrustedFromNs = Long.MAX_VALUE; // guarded by heard
  private long invalids; // guarded by heard
  private long lastSeq = -1;
  private long lastValidUntilNs = Long.MIN_VALUE;

  /**
   * @param rig whose cameras that look ahead an action has to have used
   */
  MessageJudge(PipelineOptions options, NanoClock clock, Rig rig) {
    this.options = options;
    this.clock = clock;
    this.ahead =
        rig.cameras().stream()
            .filter(
                camera -> {
                  double[] r = camera.baseFromOptical().rotation();
                  return Math.toDegrees(Math.atan2(Math.hypot(r[5], r[8]), r[2])) <= 35;
                })
            .map(CameraModel::name)
            .toList();
  }

  @Override
  public String partName() {
    return "judge";
  }

  /** From an instant on no action may say that it used these sensors. */
  void distrust(List<String> sensors, long fromNs) {
    synchronized (heard) {
      untrusted.clear();
      untrusted.addAll(sensors);
      untrustedFromNs = sensors.isEmpty() ? Long.MAX_VALUE : fromNs;
    }
  }

  @Override
  public void onMessage(Publication publication) {
    PlannerMessage message = publication.message();
    long nowNs = clock.nanoTime();
    synchronized (heard) {
      if (publication.gate().accepted()) {
        judge(message);
      }
      boolean healthy =
          message.decidedByModel()
              && MessageHealth.nothingMissing(message)
              && publication.gate().accepted()
              && publication.phase() == ExpiryProfile.Phase.FOLLOWING;
      heard.add(new Heard(message, nowNs, MessageHealth.of(message), healthy));
    }
  }

  /**
   * Messages as a file has them, in its order: the gate looks at each once more, at the instant at
   * which it was published, and what passes is judged like what is heard.
   */
  void read(List<PlannerMessage> messages) {
    StaleGate gate =
        new StaleGate(options.maxAgeNs(), limits.accelLimits(), limits.curvatureLimits());
    synchronized (heard) {
      for (PlannerMessage message : messages) {
        if (gate.offer(message, message.publishedNs()).accepted()) {
          judge(message);
        }
      }
    }
  }

  /** Counts what is wrong with a message that the gate let pass. Under the lock of heard. */
  private void judge(PlannerMessage message) {
    if (message.seq() <= lastSeq) {
      complain("seq " + message.seq() + " after " + lastSeq);
    }
    lastSeq = message.seq();
    ActionChunk action = message.action();
    if (action == null) {
      return;
    }
    // Published is when the gate looked; this thread may have been without CPU since.
    long ageNs = message.publishedNs() - action.captureNs();
    if (ageNs < 0 || message.captureNs() > message.publishedNs()) {
      complain("an action from the future by " + -ageNs / 1_000_000 + " ms");
    }
    if (message.ageNs() > options.maxAgeNs()) {
      complain("a message of age " + message.ageNs() / 1_000_000 + " ms");
    }
    if (ageNs > options.validNs() || message.validUntilNs() < message.publishedNs()) {
      complain("an action of age " + ageNs / 1_000_000 + " ms");
    }
    if (message.degradeLevel() == DegradeLevel.MINIMAL_RISK.ordinal()
        && message.kind() == Kind.FALLBACK) {
      complain("an earlier action at minimal risk");
    }
    for (int i = 0; i < action.steps(); i++) {
      double accel = action.accel(i);
      double curvature = action.curvature(i);
      if (!(accel >= limits.accelLimits().lo()
          && accel <= limits.accelLimits().hi()
          && curvature >= limits.curvatureLimits().lo()
          && curvature <= limits.curvatureLimits().hi())) {
        complain("a step of " + accel + " m/s2 and " + curvature + " 1/m");
        break;
      }
    }
    if (message.decidedByModel() && message.captureNs() > untrustedFromNs) {
      for (String sensor : message.sensorsUsed()) {
        if (untrusted.contains(sensor)) {
          complain("an action that used " + sensor);
        }
      }
    }
    boolean blind =
        !ahead.isEmpty()
            && (message.decidedByModel()
                ? message.sensorsUsed().stream().noneMatch(ahead::contains)
                : message.sensorsMissing().containsAll(ahead));
    if (blind && (message.kind() == Kind.FRESH || message.kind() == Kind.CUT_SHORT)) {
      complain(message.kind() + " without a camera ahead");
    }
    lastValidUntilNs = Math.max(lastValidUntilNs, message.validUntilNs());
  }

  /** As {@link #onMessage} of a message that the gate let pass. */
  void passed(PlannerMessage message) {
    synchronized (heard) {
      judge(message);
    }
  }

  /** Control thread: a command to the vehicle. */
  void onCommand(ExpiryProfile.Phase phase, long nowNs, double accelMps2, double curvature1pm) {
    boolean finite = Math.abs(accelMps2) <= HARDEST_MPS2 && Math.abs(curvature1pm) <= 1;
    boolean accelerates =
        accelMps2 > 0.01
            && lastValidUntilNs != Long.MIN_VALUE
            && nowNs > lastValidUntilNs + EASING_NS;
    if (!finite || accelerates) {
      synchronized (heard) {
        complain(
            String.format(
                Locale.ROOT,
                "a command of %.2f m/s2, %.3f 1/m, %d ms after the last action's end, %s",
                accelMps2,
                curvature1pm,
                (nowNs - lastValidUntilNs) / 1_000_000,
                phase));
      }
    }
  }

  private void complain(String what) {
    invalids++;
    if (invalid.size() < MOST_COMPLAINTS) {
      invalid.add(what);
    }
  }

  /** Stale or invalid actions that passed. */
  long invalids() {
    synchronized (heard) {
      return invalids;
    }
  }

  /** The first of them, in words. */
  List<String> complaints() {
    synchronized (heard) {
      return List.copyOf(invalid);
    }
  }

  /** Messages heard in [from, to). */
  List<Heard> between(long fromNs, long toNs) {
    synchronized (heard) {
      return heard.stream()
          .filter(h -> h.atNs >= fromNs && h.atNs < toNs)
          .filter(h -> h.message.kind() != Kind.DESCRIPTION)
          .toList();
    }
  }

  /**
   * When all was well again after an instant: the first of five healthy messages in a row at no
   * worse a level; -1 when not.
   *
   * @param lasting stages that contain this word may be out; empty: none
   */
  long healthyNs(long afterNs, int worstLevel, String lasting) {
    synchronized (heard) {
      int inRow = 0;
      long first = -1;
      for (Heard h : heard) {
        if (h.message.kind() == Kind.DESCRIPTION || h.message.captureNs() < afterNs) {
          continue;
        }
        String stages = h.message.effort().stages();
        boolean stagesWell = stages.isEmpty() || !lasting.isEmpty() && stages.contains(lasting);
        if (h.healthy && stagesWell && h.message.degradeLevel() <= worstLevel) {
          first = inRow == 0 ? h.atNs : first;
          if (++inRow >= HEALTHY_IN_ROW) {
            return first;
          }
        } else {
          inRow = 0;
        }
      }
      return -1;
    }
  }

  /** When a message that tells of it first was at least so bad; -1 when none was. */
  long firstNs(MessageHealth atLeast, Predicate<PlannerMessage> told, long fromNs, long toNs) {
    for (Heard h : between(fromNs, toNs)) {
      if (h.health.compareTo(atLeast) >= 0 && told.test(h.message)) {
        return h.atNs;
      }
    }
    return -1;
  }

  /** Kinds, sensors missing, stages and the commonest reason of the messages in a time. */
  String seen(long fromNs, long toNs) {
    Map<Kind, Integer> kinds = new HashMap<>();
    Map<String, Integer> reasons = new HashMap<>();
    TreeSet<String> missing = new TreeSet<>();
    TreeSet<String> stages = new TreeSet<>();
    String worst = "full";
    int level = 0;
    for (Heard h : between(fromNs, toNs)) {
      kinds.merge(h.message.kind(), 1, Integer::sum);
      h.message.sensorsMissing().stream()
          .filter(name -> !name.startsWith("camera "))
          .forEach(missing::add);
      if (!h.message.effort().stages().isEmpty()) {
        stages.add(h.message.effort().stages());
      }
      if (h.message.degradeLevel() > level) {
        level = h.message.degradeLevel();
        worst = h.message.effort().level();
      }
      if (h.health != MessageHealth.OK) {
        reasons.merge(h.message.reason(), 1, Integer::sum);
      }
    }
    StringBuilder text = new StringBuilder();
    for (Kind kind : Kind.values()) {
      if (kinds.containsKey(kind)) {
        text.append(text.isEmpty() ? "" : ", ")
            .append(kind.name().toLowerCase(Locale.ROOT).replace('_', ' '))
            .append(' ')
            .append(kinds.get(kind));
      }
    }
    if (!missing.isEmpty()) {
      text.append("; missing ")
          .append(missing.size() > 2 ? missing.size() + " sensors" : String.join(", ", missing));
    }
    if (level > 0) {
      text.append("; level ").append(worst);
    }
    if (!stages.isEmpty()) {
      text.append("; ").append(shortened(stages.first(), 44));
    }
    reasons.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .ifPresent(entry -> text.append("; \"").append(shortened(entry.getKey(), 60)).append('"'));
    return text.toString();
  }

  private static String shortened(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most - 3) + "...";
  }
}
