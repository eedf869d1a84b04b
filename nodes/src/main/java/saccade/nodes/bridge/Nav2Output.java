package saccade.nodes.bridge;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import saccade.msg.geometry_msgs.Twist;
import saccade.msg.geometry_msgs.TwistStamped;
import saccade.msg.geometry_msgs.Vector3;
import saccade.msg.nav2_msgs.CollisionMonitorState;
import saccade.msg.nav2_msgs.SpeedLimit;
import saccade.nodes.graph.BridgeSpec;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosNode;
import saccade.planner.PlannerMessage;
import saccade.planner.command.MotionStream;
import saccade.planner.command.TwistGate;
import saccade.planner.command.TwistGate.Limit;
import saccade.realtime.clock.NanoClock;

/**
 * Nav2: twists of its controllers come in, limited ones go out. Beside them the cap as {@code
 * nav2_msgs/SpeedLimit}, so that the controllers plan for it, and a {@code
 * nav2_msgs/CollisionMonitorState} that says what limits.
 */
final class Nav2Output implements BridgeOutput {
  /** A speed limit of 0 lifts all limits in Nav2, so a stop is told as this. */
  static final double LEAST_LIMIT_MPS = 0.01;

  private static final long LIMIT_AGAIN_NS = 1_000_000_000L;
  private static final Vector3 ZERO = new Vector3(0, 0, 0);

  /** One twist as it came. */
  private record Came(Twist twist, String frame, long atNs) {}

  private final BridgeSpec.Nav2 spec;
  private final TwistGate gate;
  private final NanoClock clock;
  private final List<AutoCloseable> closing = new ArrayList<>();
  private final Wire.@Nullable Out<Twist> plain;
  private final Wire.@Nullable Out<TwistStamped> stamped;
  private final Wire.@Nullable Out<SpeedLimit> limits;
  private final Wire.@Nullable Out<CollisionMonitorState> states;
  private volatile @Nullable Came newest;
  private double saidLimitMps = Double.NaN;
  private long saidLimitNs;
  private int saidAction = -1;
  private Limit limit = Limit.NO_MESSAGE;
  private boolean idle = true;
  private long limited;
  private long badInputs;

  Nav2Output(BridgeSpec.Nav2 spec, RosNode node, NanoClock clock) {
    this.spec = spec;
    this.clock = clock;
    this.gate = new TwistGate(spec.gate());
    if (spec.stamped()) {
      plain = null;
      stamped = keep(new Wire.Out<>(node, spec.out(), TwistStamped.TYPE, QosProfile.DEFAULT));
      keep(
          new Wire.In<>(
              node,
              spec.in(),
              TwistStamped.TYPE,
              QosProfile.DEFAULT,
              m -> came(m.twist(), m.header().frameId())));
    } else {
      stamped = null;
      plain = keep(new Wire.Out<>(node, spec.out(), Twist.TYPE, QosProfile.DEFAULT));
      keep(new Wire.In<>(node, spec.in(), Twist.TYPE, QosProfile.DEFAULT, m -> came(m, "")));
    }
    limits =
        spec.speedLimit().isEmpty()
            ? null
            : keep(new Wire.Out<>(node, spec.speedLimit(), SpeedLimit.TYPE, QosProfile.DEFAULT));
    states =
        spec.state().isEmpty()
            ? null
            : keep(
                new Wire.Out<>(node, spec.state(), CollisionMonitorState.TYPE, QosProfile.DEFAULT));
  }

  private <A extends AutoCloseable> A keep(A part) {
    closing.add(part);
    return part;
  }

  private void came(Twist twist, String frame) {
    newest = new Came(twist, frame, clock.nanoTime());
  }

  @Override
  public void accepted(PlannerMessage message, long nowNs) {
    gate.see(message, nowNs);
  }

  @Override
  public void publish(MotionStream motion, double measuredMps, long nowNs, long rosNs) {
    gate.step(motion, nowNs);
    Came came = newest;
    idle = came == null || spec.idleNs() > 0 && nowNs - came.atNs() > spec.idleNs();
    if (came != null) {
      Vector3 linear = came.twist().linear();
      double turn = came.twist().angular().z();
      gate.limit(linear.x(), linear.y(), turn, nowNs - came.atNs() <= spec.inputMaxAgeNs());
      limit = gate.limit();
      if (limit == Limit.BAD_INPUT) {
        badInputs++;
      } else if (limit != Limit.NONE && limit != Limit.NO_INPUT) {
        limited++;
      }
      if (!idle) {
        send(
            new Twist(
                new Vector3(gate.vxMps(), gate.vyMps(), 0), new Vector3(0, 0, gate.wzRadps())),
            came.frame(),
            rosNs);
      }
    } else {
      gate.limit(0, 0, 0, false);
      limit = gate.capMps() == 0 ? Limit.NO_MESSAGE : Limit.NO_INPUT;
    }
    sayLimit(nowNs, rosNs);
    sayState();
  }

  private void send(Twist twist, String frame, long rosNs) {
    if (plain != null) {
      plain.send(twist);
    }
    if (stamped != null) {
      stamped.send(
          new TwistStamped(Wire.header(rosNs, frame.isEmpty() ? "base_link" : frame), twist));
    }
  }

  private void sayLimit(long nowNs, long rosNs) {
    if (limits == null) {
      return;
    }
    double cap = Math.min(gate.capMps(), gate.forwardCapMps());
    double said = cap >= spec.gate().maxSpeedMps() ? 0 : Math.max(cap, LEAST_LIMIT_MPS);
    boolean changed = !(Math.abs(said - saidLimitMps) < 0.01 * spec.gate().maxSpeedMps());
    if (changed || nowNs - saidLimitNs >= LIMIT_AGAIN_NS) {
      limits.send(new SpeedLimit(Wire.header(rosNs, "base_link"), false, said));
      saidLimitMps = said;
      saidLimitNs = nowNs;
    }
  }

  private void sayState() {
    int action =
        switch (limit) {
          case NONE, NO_INPUT -> CollisionMonitorState.DO_NOTHING;
          case MAX_SPEED -> CollisionMonitorState.LIMIT;
          case PLAN ->
              gate.capMps() == 0 ? CollisionMonitorState.STOP : CollisionMonitorState.SLOWDOWN;
          case OBJECT -> CollisionMonitorState.APPROACH;
          case NO_MESSAGE, COLLISION_STOP, BAD_INPUT -> CollisionMonitorState.STOP;
        };
    if (states != null && action != saidAction) {
      states.send(
          new CollisionMonitorState(
              action,
              action == CollisionMonitorState.DO_NOTHING
                  ? ""
                  : "saccade_" + limit.toString().toLowerCase(Locale.ROOT)));
      saidAction = action;
    }
  }

  @Override
  public void leave(MotionStream motion, long rosNs) {
    if (!idle) {
      Came came = newest;
      send(new Twist(ZERO, ZERO), came == null ? "" : came.frame(), rosNs);
    }
  }

  @Override
  public void describe(BiConsumer<String, String> values, long nowNs) {
    Came came = newest;
    values.accept("limited by", limit.toString());
    values.accept("speed cap m/s", Numbers.three(gate.capMps()));
    values.accept("forward cap m/s", Numbers.three(gate.forwardCapMps()));
    values.accept("nearest in path m", Numbers.three(gate.nearestM()));
    values.accept("out m/s", Numbers.three(gate.vxMps()));
    values.accept(
        "input age s", came == null ? "none yet" : Numbers.three((nowNs - came.atNs()) * 1e-9));
    values.accept("twists limited", Long.toString(limited));
    values.accept("twists not finite", Long.toString(badInputs));
  }

  @Override
  public String complaint(long nowNs) {
    return switch (limit) {
      case BAD_INPUT -> spec.in() + ": a twist that is not finite, sent on as a stop";
      case COLLISION_STOP ->
          "stopped for an object %.2f m ahead, wanted more than %.2f m"
              .formatted(gate.nearestM(), spec.gate().stopDistanceM());
      default -> "";
    };
  }

  @Override
  public void close() {
    Closing.all(closing);
  }
}
