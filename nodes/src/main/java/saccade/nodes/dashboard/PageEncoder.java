package saccade.nodes.dashboard;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.LidarModel;
import saccade.kernels.geometry.Pose;
import saccade.kernels.geometry.Rig;
import saccade.nodes.pipeline.Pipeline;
import saccade.nodes.sensor.SensorInlets;
import saccade.perception.PerceptionOutput;
import saccade.perception.PerceptionOutput.CameraTokens;
import saccade.planner.ActionChunk;
import saccade.planner.PlannerMessage;
import saccade.planner.PlannerMessage.Kind;
import saccade.planner.SceneObject;
import saccade.realtime.ledger.DropLedger;
import saccade.realtime.ledger.DropReason;
import saccade.realtime.ring.FrameView;
import saccade.realtime.stats.StageSnapshot;

/** Off the hot path. Turns a moment into the JSON that the page draws. One thread. */
final class PageEncoder {
  private static final float JPEG_QUALITY = 0.78f;
  private static final int MOST_POINTS = 3000;
  private static final double AHEAD_M = 62;
  private static final double BEHIND_M = 12;
  private static final double ASIDE_M = 30;
  private static final double LOWEST_M = -1;
  private static final double HIGHEST_M = 4;
  private static final double PATH_STEP_S = 0.1;
  private static final long STAGES_EVERY_NS = 500_000_000L;
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final JsonFactory json = new JsonFactory();
  private final String source;
  private final Rig rig;
  private final long budgetNs;
  private final ImageWriter jpeg = ImageIO.getImageWritersByFormatName("jpeg").next();
  private final @Nullable BufferedImage[] pictures; // (cameras)
  private final byte[][] jpegs; // (cameras) of this moment; empty where absent
  private final byte[] points = new byte[6 * MOST_POINTS]; // x, y, z int16 LE, centimetres
  private int pointCount;
  private volatile int tokenRows = 1;
  private volatile int tokenCols = 1;
  private List<StageSnapshot> stages = List.of();
  private long stagesAtNs;

  PageEncoder(String source, Rig rig, long budgetNs) {
    this.source = source;
    this.rig = rig;
    this.budgetNs = budgetNs;
    this.pictures = new BufferedImage[rig.cameras().size()];
    this.jpegs = new byte[rig.cameras().size()][];
    ImageIO.setUseCache(false);
  }

  void tokenGrid(int rows, int cols) {
    tokenRows = rows;
    tokenCols = cols;
  }

  /** Copies what is needed of the payloads, so that the leases can go back, then compresses. */
  String encode(Moment moment) {
    copyFrames(moment);
    moment.release();
    for (int i = 0; i < pictures.length; i++) {
      BufferedImage picture = pictures[i];
      if (picture != null && jpegs[i].length > 0) {
        jpegs[i] = compress(picture);
      }
    }
    try {
      StringWriter text = new StringWriter(1 << 17);
      try (JsonGenerator out = json.createGenerator(text)) {
        write(out, moment);
      }
      return text.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter does not fail
    }
  }

  // ---- payloads ----

  private void copyFrames(Moment moment) {
    for (int i = 0; i < pictures.length; i++) {
      FrameView view = moment.view(i);
      jpegs[i] = new byte[0];
      if (view.isHeld() && view.width() > 0 && view.height() > 0) {
        BufferedImage picture = pictures[i];
        if (picture == null
            || picture.getWidth() != view.width()
            || picture.getHeight() != view.height()) {
          picture = new BufferedImage(view.width(), view.height(), BufferedImage.TYPE_3BYTE_BGR);
          pictures[i] = picture;
        }
        copyPicture(view, ((DataBufferByte) picture.getRaster().getDataBuffer()).getData());
        jpegs[i] = new byte[] {1}; // there is one; compressed after the leases are back
      }
    }
    pointCount = 0;
    LidarModel lidar = rig.lidar();
    if (lidar != null && moment.view(pictures.length).isHeld()) {
      copyPoints(moment.view(pictures.length), lidar.baseFromLidar());
    }
  }

  private static void copyPicture(FrameView view, byte[] bgr) {
    MemorySegment.copy(view.payload(), ValueLayout.JAVA_BYTE, 0, bgr, 0, bgr.length);
    if (view.format() != SensorInlets.BGR8) {
      for (int i = 0; i + 2 < bgr.length; i += 3) {
        byte red = bgr[i];
        bgr[i] = bgr[i + 2];
        bgr[i + 2] = red;
      }
    }
  }

  private void copyPoints(FrameView view, Pose baseFromLidar) {
    double[] r = baseFromLidar.rotation();
    MemorySegment sweep = view.payload();
    int count = view.byteLength() / SensorInlets.POINT_BYTES;
    int step = Math.max(1, (count + MOST_POINTS - 1) / MOST_POINTS);
    ByteBuffer out = ByteBuffer.wrap(points).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i += step) {
      long at = (long) i * SensorInlets.POINT_BYTES;
      double lx = sweep.get(F32, at);
      double ly = sweep.get(F32, at + 4);
      double lz = sweep.get(F32, at + 8);
      double x = r[0] * lx + r[1] * ly + r[2] * lz + baseFromLidar.x();
      double y = r[3] * lx + r[4] * ly + r[5] * lz + baseFromLidar.y();
      double z = r[6] * lx + r[7] * ly + r[8] * lz + baseFromLidar.z();
      if (x > -BEHIND_M && x < AHEAD_M && Math.abs(y) < ASIDE_M && z > LOWEST_M && z < HIGHEST_M) {
        out.putShort((short) Math.round(100 * x))
            .putShort((short) Math.round(100 * y))
            .putShort((short) Math.round(100 * z));
        pointCount++;
      }
    }
  }

  private byte[] compress(BufferedImage picture) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 16);
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam quality = jpeg.getDefaultWriteParam();
      quality.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      quality.setCompressionQuality(JPEG_QUALITY);
      jpeg.setOutput(out);
      jpeg.write(null, new IIOImage(picture, null, null), quality);
    } catch (IOException e) {
      return new byte[0]; // the page says that there is no picture
    }
    return bytes.toByteArray();
  }

  // ---- JSON ----

  private void write(JsonGenerator out, Moment moment) throws IOException {
    PlannerMessage message = moment.message();
    out.writeStartObject();
    out.writeStringField("source", source);
    out.writeNumberField("seq", message.seq());
    out.writeNumberField("set", moment.set());
    out.writeStringField("kind", message.kind().toString());
    out.writeStringField("reason", message.reason());
    out.writeStringField("sentence", message.scene().sentence());
    out.writeBooleanField("accepted", moment.accepted());
    number(out, "ageMs", message.ageNs() * 1e-6);
    number(out, "budgetMs", budgetNs * 1e-6);
    number(out, "confidence", message.confidence());
    out.writeNumberField("exitLayer", message.exitLayer());
    out.writeNumberField("tokensKept", message.tokensKept());
    out.writeNumberField("tokensTotal", message.tokensTotal());
    out.writeNumberField("degradeLevel", message.degradeLevel());
    number(out, "speedMps", moment.ego().speedMps());
    number(out, "setSpeedMps", moment.ego().setSpeedMps());
    number(out, "accelMps2", moment.accelMps2());
    number(out, "curvature1pm", moment.curvature1pm());
    out.writeStringField("phase", moment.phase());
    out.writeNumberField("deadlines", moment.deadlines());
    out.writeNumberField("misses", moment.misses());
    names(out, "sensorsUsed", message.sensorsUsed());
    names(out, "sensorsMissing", message.sensorsMissing());
    cameras(out, moment.output());
    out.writeFieldName("points");
    out.writeBinary(points, 0, 6 * pointCount);
    objects(out, message.scene().objects());
    action(out, message, moment);
    thisSet(out, moment);
    stages(out, moment.pipeline(), message.publishedNs());
    outputs(out, moment.kinds());
    drops(out, moment.ledgers());
    out.writeEndObject();
  }

  private void cameras(JsonGenerator out, @Nullable PerceptionOutput output) throws IOException {
    out.writeArrayFieldStart("cameras");
    for (int i = 0; i < jpegs.length; i++) {
      CameraModel camera = rig.cameras().get(i);
      out.writeStartObject();
      out.writeStringField("name", camera.name());
      out.writeNumberField("width", camera.widthPx());
      out.writeNumberField("height", camera.heightPx());
      out.writeNumberField("rows", tokenRows);
      out.writeNumberField("cols", tokenCols);
      if (jpegs[i].length > 1) {
        out.writeStringField("jpeg", Base64.getEncoder().encodeToString(jpegs[i]));
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

  private static void objects(JsonGenerator out, List<SceneObject> objects) throws IOException {
    out.writeArrayFieldStart("objects");
    for (SceneObject object : objects) {
      out.writeStartObject();
      out.writeStringField("kind", object.kind().toString());
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

  /** Where this set's time went, from capture to message. */
  private static void thisSet(JsonGenerator out, Moment moment) throws IOException {
    PerceptionOutput output = moment.output();
    if (output == null) {
      return;
    }
    PerceptionOutput.StageTimes times = output.times();
    long restNs = moment.message().ageNs() - moment.waitNs() - times.totalNs();
    out.writeArrayFieldStart("timeline");
    span(out, "wait for sensors", moment.waitNs());
    span(out, "encode", times.encodeNs());
    span(out, "sparsify", times.sparsifyNs());
    span(out, "prefill", times.prefillNs());
    span(out, "action", times.actionNs());
    span(out, "sentence", times.sentenceNs());
    span(out, "queues, message", Math.max(0, restNs));
    out.writeEndArray();
  }

  private static void span(JsonGenerator out, String name, long ns) throws IOException {
    out.writeStartObject();
    out.writeStringField("name", name);
    number(out, "ms", ns * 1e-6);
    out.writeEndObject();
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

  private static void drops(JsonGenerator out, List<DropLedger> ledgers) throws IOException {
    Map<DropReason, Long> sums = new EnumMap<>(DropReason.class);
    long offered = 0;
    for (DropLedger ledger : ledgers) {
      offered += ledger.boundary().startsWith("ring.") ? ledger.offered() : 0;
      for (DropReason reason : DropReason.values()) {
        long count = ledger.dropped(reason);
        if (count > 0) {
          sums.merge(reason, count, Long::sum);
        }
      }
    }
    out.writeNumberField("framesIn", offered);
    out.writeObjectFieldStart("drops");
    for (Map.Entry<DropReason, Long> drop : sums.entrySet()) {
      out.writeNumberField(
          drop.getKey().toString().toLowerCase(Locale.ROOT).replace('_', ' '), drop.getValue());
    }
    out.writeEndObject();
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
