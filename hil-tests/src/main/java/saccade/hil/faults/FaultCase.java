package saccade.hil.faults;

import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import saccade.nodes.pipeline.MessageHealth;
import saccade.nodes.pipeline.PipelineListener;
import saccade.nodes.sensor.SensorTap;
import saccade.perception.engine.EngineOptions;
import saccade.planner.PlannerMessage;

/**
 * One fault of a run in real time: what is done, what has to be counted of it, and whether the
 * planner has to be told. Made once, then read.
 */
final class FaultCase {
  private final String name;
  private final Evidence evidence;
  private FrameFault frames = FrameFault.NONE;
  private @Nullable SensorTap tap;
  private TopicSource.@Nullable Does clock;
  private FaultyPerceiver.Wrong wrong = FaultyPerceiver.Wrong.NOTHING;
  private EngineOptions engine = EngineOptions.DEFAULT;
  private @Nullable Supplier<PipelineListener> output;
  private @Nullable Runnable event;
  private List<String> distrusted = List.of();
  private Predicate<PlannerMessage> told = message -> true;
  private MessageHealth least = MessageHealth.OK;
  private String lasting = "";

  /**
   * A case in which nothing is done yet, and nobody has to be told.
   *
   * @param name short
   * @param evidence what the run counts when the fault is there, and only then
   */
  FaultCase(String name, Evidence evidence) {
    this.name = name;
    this.evidence = evidence;
  }

  /** What the sensors' drivers do. */
  FaultCase frames(FrameFault what) {
    frames = what;
    return this;
  }

  /** The source is the product's simulator, and this stands between it and its rings. */
  FaultCase tap(SensorTap what) {
    tap = what;
    return this;
  }

  /** The sensors are topics of a ROS graph on simulated time, and this happens to its clock. */
  FaultCase clock(TopicSource.Does what) {
    clock = what;
    return this;
  }

  /** What the model does. */
  FaultCase wrong(FaultyPerceiver.Wrong what) {
    wrong = what;
    return this;
  }

  /** What runs the graphs. */
  FaultCase engine(EngineOptions what) {
    engine = what;
    return this;
  }

  /** One more output, made for the run. */
  FaultCase output(Supplier<PipelineListener> what) {
    output = what;
    return this;
  }

  /** Done once when the fault begins. */
  FaultCase event(Runnable what) {
    event = what;
    return this;
  }

  /** Stages whose name contains this may stay out after the fault's end. */
  FaultCase lasting(String stages) {
    lasting = stages;
    return this;
  }

  /** No action may use this sensor; messages have to name it as missing. */
  FaultCase without(String sensor) {
    distrusted = List.of(sensor);
    return told(MessageHealth.WARN, message -> message.sensorsMissing().contains(sensor));
  }

  /** Has to be told, so bad at least. */
  FaultCase told(MessageHealth newLeast, Predicate<PlannerMessage> by) {
    told = by;
    least = newLeast;
    return this;
  }

  String name() {
    return name;
  }

  /** What the run counts when the fault is there. */
  Evidence evidence() {
    return evidence;
  }

  FrameFault frames() {
    return frames;
  }

  /** Null: sets are replayed. */
  @Nullable SensorTap tap() {
    return tap;
  }

  /** Null: the sensors are no topics. */
  TopicSource.@Nullable Does clock() {
    return clock;
  }

  FaultyPerceiver.Wrong wrong() {
    return wrong;
  }

  EngineOptions engine() {
    return engine;
  }

  /** Null: none. */
  @Nullable Supplier<PipelineListener> output() {
    return output;
  }

  /** Null: nothing. */
  @Nullable Runnable event() {
    return event;
  }

  /** Sensors that no action may have used once the fault had time to be noticed. */
  List<String> distrusted() {
    return distrusted;
  }

  /** Whether a message tells of this fault. */
  Predicate<PlannerMessage> told() {
    return told;
  }

  /** How bad such a message has to say it is; {@link MessageHealth#OK}: it may be silent. */
  MessageHealth least() {
    return least;
  }

  /** Stages that stay out after the fault's end; empty: none may. */
  String lasting() {
    return lasting;
  }
}
