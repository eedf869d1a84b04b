package saccade.nodes.dashboard;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Rig;
import saccade.nodes.pipeline.Pipeline;
import saccade.nodes.pipeline.SliceTrace;
import saccade.nodes.sensor.FaultSwitch;
import saccade.nodes.sensor.FaultSwitch.Fault;
import saccade.nodes.sensor.SensorClock;
import saccade.perception.PerceptionOutput;
import saccade.perception.PerceptionOutput.CameraTokens;
import saccade.planner.ActionChunk;
import saccade.planner.PlannerMessage;
import saccade.planner.PlannerMessage.Kind;
import saccade.planner.SceneDescription;
import saccade.planner.SceneObject;
import saccade.realtime.ledger.DropLedger;
import saccade.realtime.ledger.DropReason;
import saccade.realtime.stats.StageSnapshot;

/** Off the hot path, encoder thread. Turns a moment into the JSON that the page draws. */
final class PageEncoder {
  private static final double PATH_STEP_S = 0.1;
  private static final long STAGES_EVERY_NS = 500_000_000L;
  private static final String RING = "ring.";
  private static final DropReason[] REASONS = DropReason.values();

  private final JsonFactory json = new JsonFactory();
  private final String source;
  private final Rig rig;
  private final Mosaic mosaic;
  private final Pictures pictures;
  private final @Nullable FaultSwitch faults;
  private final long budgetNs;
  private volatile int tokenRows = 1;
  private volatile int tokenCols = 1;
  private volatile Supplier<List<SensorClock>> clocks = List::of;
  private List<StageSnapshot> stages = List.of();
  private long stagesAtNs;

  PageEncoder(String source, Rig rig, long budgetNs, @Nullable FaultSwitch faults) {
    this.source = source;
    this.rig = rig;
    this.budgetNs = budgetNs;
    this.faults = faults;
    this.mosaic = Mosaic.of(rig.cameras());
    this.pictures = new Pictures(rig);
  }

  void tokenGrid(int rows, int cols) {
    tokenRows = rows;
    tokenCols = cols;
  }

  void clocks(Supplier<List<SensorClock>> source) {
    clocks = source;
  }

  /** Copies what is needed of the payloads, so that the leases can go back, then compresses. */
  String encode(Moment moment, double share) {
    pictures.copy(moment);
    moment.release();
    try {
      StringWriter text = new StringWriter(1 << 17);
      try (JsonGenerator out = json.createGenerator(text)) {
        write(out, moment, share);
      }
      return text.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter does not fail
    }
  }

  private void write(JsonGenerator out, Moment moment, double share) throws IOException {
    PlannerMessage message = moment.message();
    out.writeStartObject();
    out.writeStringField("source", source);
    out.writeNumberField("seq", message.seq());
    out.writeNumberField("set", moment.set());
    out.writeStringField("kind", message.kind().toString());
    out.writeStringField("reason", message.reason());
    out.writeStringField("sentence", moment.said().scene().sentence());
    out.writeBooleanField("accepted", moment.accepted());
    number(out, "ageMs", message.ageNs() * 1e-6);
    long ownNs = message.effort().budgetNs();
    number(out, "budgetMs", (ownNs > 0 ? ownNs : budgetNs) * 1e-6);
    number(out, "confidence", message.confidence());
    out.writeNumberField("exitLayer", message.exitLayer());
    out.writeNumberField("tokensKept", message.tokensKept());
    out.writeNumberField("tokensTotal", message.tokensTotal());
    out.writeNumberField("degradeLevel", message.degradeLevel());
    out.writeStringField("level", message.effort().level());
    out.writeStringField("decision", message.effort().decision());
    out.writeStringField("stagesOut", message.effort().stages());
    number(out, "predictionCovers", moment.coverage());
    number(out, "predictionError", moment.predictionError());
    number(out, "pace", moment.pace());
    out.writeStringField("pauses", moment.pauses());
    number(out, "speedMps", moment.ego().speedMps());
    number(out, "setSpeedMps", moment.ego().setSpeedMps());
    number(out, "accelMps2", moment.accelMps2());
    number(out, "curvature1pm", moment.curvature1pm());
    out.writeStringField("phase", moment.phase());
    out.writeNumberField("deadlines", moment.deadlines());
    out.writeNumberField("misses", moment.misses());
    names(out, "sensorsUsed", message.sensorsUsed());
    names(out, "sensorsMissing", message.sensorsMissing());
    out.writeStringField("egoSource", message.egoSource().toString());
    number(out, "egoAgeMs", message.egoAgeNs() * 1e-6);
    clocks(out);
    number(out, "atMs", message.publishedNs() * 1e-6);
    number(out, "pageShare", share);
    out.writeNumberField("columns", mosaic.columns());
    out.writeNumberField("rows", mosaic.rows());
    cameras(out, moment.output());
    out.writeFieldName("points");
    out.writeBinary(pictures.points(), 0, 6 * pictures.pointCount());
    scene(out, moment.said().scene());
    objects(out, moment.said().scene().objects());
    action(out, message, moment);
    waterfall(out, moment);
    history(out, moment.history());
    stages(out, moment.pipeline(), message.publishedNs());
    outputs(out, moment.kinds());
    drops(out, moment.ledgers());
    faults(out);
    out.writeEndObject();
  }

  /** How the clocks of live sensors stand; nothing where there are none. */
  private void clocks(JsonGenerator out) throws IOException {
    out.writeArrayFieldStart("clocks");
    for (SensorClock clock : clocks.get()) {
      out.writeString(clock.line());
    }
    out.writeEndArray();
  }

  private void cameras(JsonGenerator out, @Nullable PerceptionOutput output) throws IOException {
    out.writeArrayFieldStart("cameras");
    for (int i = 0; i < rig.cameras().size(); i++) {
      CameraModel camera = rig.cameras().get(i);
      out.writeStartObject();
      out.writeStringField("name", camera.name());
      out.writeNumberField("width", camera.widthPx());
      out.writeNumberField("height", camera.heightPx());
      out.writeNumberField("column", mosaic.column()[i]);
      out.writeNumberField("row", mosaic.row()[i]);
      number(out, "x", camera.baseFromOptical().x());
      number(out, "y", camera.baseFromOptical().y());
      number(out, "yaw", Mosaic.yawRad(camera));
      number(out, "hfov", Mosaic.hfovRad(camera));
      out.writeNumberField("rows", tokenRows);
      out.writeNumberField("cols", tokenCols);
      byte[] jpeg = pictures.jpeg(i);
      if (jpeg.length > 0) {
        out.writeFieldName("jpeg");
        out.writeBinary(jpeg);
      }
      if (output != null && i < output.cameras().size()) {
        CameraTokens tokens = output.cameras().get(i);
        StringBuilder kept = new StringBuilder(tokens.kept().length);
        for (boolean one : tokens.kept()) {
          kept.append(one ? '1' : '0');
        }
        out.writeStringField("kept", kept.toString());
        out.writeStringField("status", tokens.status().toString());
      }
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void scene(JsonGenerator out, SceneDescription scene) throws IOException {
    out.writeObjectFieldStart("scene");
    out.writeStringField("road", scene.road().toString());
    out.writeStringField("light", scene.light().toString());
    out.writeStringField("sign", scene.sign().toString());
    out.writeStringField("hazard", scene.hazard().toString());
    out.writeStringField("daylight", scene.daylight().toString());
    out.writeStringField("weather", scene.weather().toString());
    out.writeEndObject();
  }

  private static void objects(JsonGenerator out, List<SceneObject> objects) throws IOException {
    out.writeArrayFieldStart("objects");
    for (SceneObject object : objects) {
      out.writeStartObject();
      out.writeStringField("kind", object.kind().toString());
      out.writeStringField("zone", object.zone().toString());
      number(out, "x", object.xM());
      number(out, "y", object.yM());
      number(out, "distanceM", object.distanceM());
      out.writeStringField("motion", object.motion().toString());
      out.writeStringField("brakeLights", object.brakeLights().toString());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void action(JsonGenerator out, PlannerMessage message, Moment moment)
      throws IOException {
    ActionChunk action = message.action();
    if (action == null) {
      return;
    }
    out.writeObjectFieldStart("action");
    out.writeStringField("maneuver", action.maneuver().toString());
    number(out, "stepS", action.stepNs() * 1e-9);
    numbers(out, "accel", action.accelMps2());
    numbers(out, "curvature", action.curvature1pm());
    path(out, action, moment.ego().speedMps());
    out.writeEndObject();
  }

  /** Where the plan leads: rear axle, base_link, metres, from its start at the present speed. */
  private static void path(JsonGenerator out, ActionChunk action, double speedMps)
      throws IOException {
    double x = 0;
    double y = 0;
    double yaw = 0;
    double speed = speedMps;
    out.writeArrayFieldStart("path");
    for (long ns = action.captureNs(); ns <= action.endNs(); ns += Math.round(PATH_STEP_S * 1e9)) {
      coordinate(out, x);
      coordinate(out, y);
      speed = Math.max(0, speed + action.accelAt(ns) * PATH_STEP_S);
      yaw += action.curvatureAt(ns) * speed * PATH_STEP_S;
      x += speed * Math.cos(yaw) * PATH_STEP_S;
      y += speed * Math.sin(yaw) * PATH_STEP_S;
    }
    out.writeEndArray();
  }

  /**
   * Where this set's time went, ms from its oldest capture: each sensor's arrival, the set, every
   * slice, the message.
   */
  private void waterfall(JsonGenerator out, Moment moment) throws IOException {
    if (moment.set() < 0) {
      return;
    }
    out.writeObjectFieldStart("waterfall");
    out.writeArrayFieldStart("sensors");
    for (int i = 0; i < rig.cameras().size() + (rig.lidar() == null ? 0 : 1); i++) {
      LidarModel lidar = rig.lidar();
      out.writeStartObject();
      out.writeStringField(
          "name",
          i < rig.cameras().size() || lidar == null ? rig.cameras().get(i).name() : lidar.name());
      out.writeStringField("presence", moment.presence(i).toString());
      number(out, "ms", moment.arrivedNs(i) * 1e-6);
      out.writeEndObject();
    }
    out.writeEndArray();
    number(out, "readyMs", moment.readyNs() * 1e-6);
    out.writeArrayFieldStart("slices");
    SliceTrace slices = moment.slices();
    for (int i = 0; i < slices.count(); i++) {
      out.writeStartObject();
      out.writeStringField("name", slices.name(i));
      number(out, "fromMs", (slices.startNs(i) - moment.captureNs()) * 1e-6);
      number(out, "toMs", (slices.endNs(i) - moment.captureNs()) * 1e-6);
      out.writeEndObject();
    }
    out.writeEndArray();
    number(out, "messageMs", (moment.message().publishedNs() - moment.captureNs()) * 1e-6);
    out.writeEndObject();
  }

  private static void history(JsonGenerator out, AgeHistory history) throws IOException {
    StringBuilder kinds = new StringBuilder(AgeHistory.LENGTH);
    out.writeArrayFieldStart("ages");
    for (int i = 0; i < history.size(); i++) {
      out.writeNumber(Math.round(history.ageNs(i) * 1e-5) / 10.0);
      kinds.append((char) ('0' + history.kind(i)));
    }
    out.writeEndArray();
    out.writeStringField("kinds", kinds.toString());
  }

  private void stages(JsonGenerator out, @Nullable Pipeline pipeline, long nowNs)
      throws IOException {
    if (pipeline != null && (nowNs - stagesAtNs > STAGES_EVERY_NS || !anyStage())) {
      stages = pipeline.stages().total();
      stagesAtNs = nowNs;
    }
    out.writeArrayFieldStart("stages");
    for (StageSnapshot stage : stages) {
      if (stage.count() > 0) {
        out.writeStartObject();
        out.writeStringField("name", stage.stage());
        number(out, "p50", stage.p50Ns() * 1e-6);
        number(out, "p99", stage.p99Ns() * 1e-6);
        number(out, "max", stage.maxNs() * 1e-6);
        out.writeEndObject();
      }
    }
    out.writeEndArray();
  }

  private boolean anyStage() {
    for (StageSnapshot stage : stages) {
      if (stage.count() > 0) {
        return true;
      }
    }
    return false;
  }

  private static void outputs(JsonGenerator out, Map<Kind, Long> kinds) throws IOException {
    out.writeObjectFieldStart("outputs");
    for (Map.Entry<Kind, Long> kind : kinds.entrySet()) {
      out.writeNumberField(kind.getKey().toString(), kind.getValue());
    }
    out.writeEndObject();
  }

  /** One entry for each boundary and reason that has counted anything. */
  private static void drops(JsonGenerator out, List<DropLedger> ledgers) throws IOException {
    long offered = 0;
    out.writeArrayFieldStart("drops");
    for (DropLedger ledger : ledgers) {
      boolean ring = ledger.boundary().startsWith(RING);
      offered += ring ? ledger.offered() : 0;
      for (DropReason reason : REASONS) {
        long count = ledger.dropped(reason);
        if (count > 0) {
          out.writeStartObject();
          out.writeStringField(
              "at", ring ? ledger.boundary().substring(RING.length()) : ledger.boundary());
          out.writeStringField(
              "reason", reason.toString().toLowerCase(Locale.ROOT).replace('_', ' '));
          out.writeNumberField("count", count);
          out.writeEndObject();
        }
      }
    }
    out.writeEndArray();
    out.writeNumberField("framesIn", offered);
  }

  /** What may be switched, and what is; nothing where the sensors are not simulated. */
  private void faults(JsonGenerator out) throws IOException {
    FaultSwitch panel = faults;
    if (panel == null) {
      return;
    }
    out.writeArrayFieldStart("faults");
    List<String> names = panel.sensors();
    for (int i = 0; i < names.size(); i++) {
      out.writeStartObject();
      out.writeStringField("sensor", names.get(i));
      out.writeStringField("now", panel.of(i).toString());
      out.writeNumberField("touched", panel.touched(i));
      names(out, "possible", panel.possible(i).stream().map(Fault::toString).toList());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void names(JsonGenerator out, String field, List<String> names)
      throws IOException {
    out.writeArrayFieldStart(field);
    for (String name : names) {
      out.writeString(name);
    }
    out.writeEndArray();
  }

  private static void numbers(JsonGenerator out, String field, double[] values) throws IOException {
    out.writeArrayFieldStart(field);
    for (double value : values) {
      coordinate(out, value);
    }
    out.writeEndArray();
  }

  private static void number(JsonGenerator out, String field, double value) throws IOException {
    out.writeFieldName(field);
    coordinate(out, value);
  }

  private static void coordinate(JsonGenerator out, double value) throws IOException {
    out.writeNumber(Double.isFinite(value) ? Math.round(value * 1e4) / 1e4 : 0);
  }
}
