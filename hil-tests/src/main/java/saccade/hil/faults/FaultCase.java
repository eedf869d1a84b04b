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
 * One fault of a run in real time.
 *
 * @param name short
 * @param frames what the sensors' drivers do, or {@link FrameFault#NONE}
 * @param tap where the source is the product's simulator: what stands between it and its rings;
 *     null: replayed sets
 * @param clock the sensors are topics of a ROS graph on simulated time, and what happens to its
 *     clock; null: they are not
 * @param wrong what the model does
 * @param engine what runs the graphs
 * @param output one more output, made for the run; null: none
 * @param event done once when the fault begins, on a thread of its own; null: nothing
 * @param distrusted sensors that no action may have used once the fault had time to be noticed
 * @param told whether a message tells of this fault
 * @param least how bad such a message has to say it is; {@link MessageHealth#OK}: it may be silent
 * @param lasting stages that stay out after the fault's end; empty: none may
 */
record FaultCase(
    String name,
    FrameFault frames,
    @Nullable SensorTap tap,
    TopicSource.@Nullable Does clock,
    FaultyPerceiver.Wrong wrong,
    EngineOptions engine,
    @Nullable Supplier<PipelineListener> output,
    @Nullable Runnable event,
    List<String> distrusted,
    Predicate<PlannerMessage> told,
    MessageHealth least,
    String lasting) {

  static FaultCase of(String name) {
    return new FaultCase(
        name,
        FrameFault.NONE,
        null,
        null,
        FaultyPerceiver.Wrong.NOTHING,
        EngineOptions.DEFAULT,
        null,
        null,
        List.of(),
        message -> true,
        MessageHealth.OK,
        "");
  }

  FaultCase frames(FrameFault newFrames) {
    return new FaultCase(
        name,
        newFrames,
        tap,
        clock,
        wrong,
        engine,
        output,
        event,
        distrusted,
        told,
        least,
        lasting);
  }

  FaultCase tap(SensorTap newTap) {
    return new FaultCase(
        name,
        frames,
        newTap,
        clock,
        wrong,
        engine,
        output,
        event,
        distrusted,
        told,
        least,
        lasting);
  }

  FaultCase clock(TopicSource.Does newClock) {
    return new FaultCase(
        name,
        frames,
        tap,
        newClock,
        wrong,
        engine,
        output,
        event,
        distrusted,
        told,
        least,
        lasting);
  }

  FaultCase wrong(FaultyPerceiver.Wrong newWrong) {
    return new FaultCase(
        name,
        frames,
        tap,
        clock,
        newWrong,
        engine,
        output,
        event,
        distrusted,
        told,
        least,
        lasting);
  }

  FaultCase engine(EngineOptions newEngine) {
    return new FaultCase(
        name,
        frames,
        tap,
        clock,
        wrong,
        newEngine,
        output,
        event,
        distrusted,
        told,
        least,
        lasting);
  }

  FaultCase output(Supplier<PipelineListener> newOutput) {
    return new FaultCase(
        name,
        frames,
        tap,
        clock,
        wrong,
        engine,
        newOutput,
        event,
        distrusted,
        told,
        least,
        lasting);
  }

  FaultCase event(Runnable newEvent) {
    return new FaultCase(
        name,
        frames,
        tap,
        clock,
        wrong,
        engine,
        output,
        newEvent,
        distrusted,
        told,
        least,
        lasting);
  }

  FaultCase lasting(String newLasting) {
    return new FaultCase(
        name,
        frames,
        tap,
        clock,
        wrong,
        engine,
        output,
        event,
        distrusted,
        told,
        least,
        newLasting);
  }

  /** No action may use this sensor; messages have to name it as missing. */
  FaultCase without(String sensor) {
    return new FaultCase(
        name,
        frames,
        tap,
        clock,
        wrong,
        engine,
        output,
        event,
        List.of(sensor),
        message -> message.sensorsMissing().contains(sensor),
        MessageHealth.WARN,
        lasting);
  }

  /** Has to be told, so bad at least. */
  FaultCase told(MessageHealth newLeast, Predicate<PlannerMessage> by) {
    return new FaultCase(
        name, frames, tap, clock, wrong, engine, output, event, distrusted, by, newLeast, lasting);
  }
}
