package saccade.planner;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Planner messages as JSON lines: one message a line, fields always in the same order, no line
 * break inside. Off the hot path (builds strings). {@link #read} gives back an equal message.
 */
public final class JsonLines {
  private static final JsonFactory JSON = new JsonFactory();

  private JsonLines() {}

  /** One message as one line, without the line break. */
  public static String write(PlannerMessage message) {
    StringWriter line = new StringWriter(1024);
    try (JsonGenerator out = JSON.createGenerator(line)) {
      out.writeStartObject();
      out.writeNumberField("seq", message.seq());
      out.writeNumberField("captureNs", message.captureNs());
      out.writeNumberField("publishedNs", message.publishedNs());
      out.writeStringField("frameId", message.frameId());
      out.writeNumberField("ageNs", message.ageNs());
      out.writeNumberField("validUntilNs", message.validUntilNs());
      out.writeStringField("kind", message.kind().name());
      out.writeNumberField("degradeLevel", message.degradeLevel());
      strings(out, "sensorsUsed", message.sensorsUsed());
      strings(out, "sensorsMissing", message.sensorsMissing());
      out.writeStringField("egoSource", message.egoSource().name());
      out.writeNumberField("egoAgeNs", message.egoAgeNs());
      out.writeNumberField("tokensKept", message.tokensKept());
      out.writeNumberField("tokensTotal", message.tokensTotal());
      out.writeNumberField("exitLayer", message.exitLayer());
      out.writeNumberField("confidence", message.confidence());
      action(out, message.action());
      scene(out, message.scene());
      out.writeStringField("level", message.effort().level());
      out.writeNumberField("budgetNs", message.effort().budgetNs());
      out.writeStringField("decision", message.effort().decision());
      out.writeStringField("stages", message.effort().stages());
      out.writeStringField("reason", message.reason());
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter does not fail
    }
    return line.toString();
  }

  /**
   * One line back to a message.
   *
   * @throws IllegalArgumentException when the line is not JSON, a field is missing or of the wrong
   *     type, or the message contradicts itself
   */
  public static PlannerMessage read(String line) {
    Fields f;
    try (JsonParser in = JSON.createParser(line)) {
      in.nextToken();
      f = new Fields("message", value(in));
      if (in.nextToken() != null) {
        throw new IllegalArgumentException(
            "planner message: wanted one JSON object a line, found more");
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("planner message: not JSON: " + e.getMessage(), e);
    }
    return new PlannerMessage(
        f.whole("seq"),
        f.whole("captureNs"),
        f.whole("publishedNs"),
        f.text("frameId"),
        f.whole("ageNs"),
        f.whole("validUntilNs"),
        f.word(PlannerMessage.Kind.class, "kind"),
        (int) f.whole("degradeLevel"),
        f.texts("sensorsUsed"),
        f.texts("sensorsMissing"),
        f.word(EgoSource.class, "egoSource"),
        f.whole("egoAgeNs"),
        (int) f.whole("tokensKept"),
        (int) f.whole("tokensTotal"),
        (int) f.whole("exitLayer"),
        f.number("confidence"),
        readAction(f),
        readScene(new Fields("scene", f.get("scene"))),
        f.has("level") // lines of before there were levels have none
            ? new PlannerMessage.Effort(
                f.text("level"), f.whole("budgetNs"), f.text("decision"), f.text("stages"))
            : PlannerMessage.Effort.NONE,
        f.text("reason"));
  }

  private static void action(JsonGenerator out, @Nullable ActionChunk action) throws IOException {
    if (action == null) {
      out.writeNullField("action");
      return;
    }
    out.writeObjectFieldStart("action");
    out.writeNumberField("captureNs", action.captureNs());
    out.writeNumberField("stepNs", action.stepNs());
    out.writeStringField("maneuver", action.maneuver().name());
    numbers(out, "accelMps2", action.accelMps2());
    numbers(out, "curvature1pm", action.curvature1pm());
    out.writeEndObject();
  }

  private static void scene(JsonGenerator out, SceneDescription scene) throws IOException {
    out.writeObjectFieldStart("scene");
    out.writeStringField("road", scene.road().name());
    out.writeStringField("light", scene.light().name());
    out.writeStringField("sign", scene.sign().name());
    out.writeArrayFieldStart("objects");
    for (SceneObject object : scene.objects()) {
      out.writeStartObject();
      out.writeStringField("kind", object.kind().name());
      out.writeStringField("zone", object.zone().name());
      out.writeNumberField("xM", object.xM());
      out.writeNumberField("yM", object.yM());
      out.writeNumberField("distanceM", object.distanceM());
      out.writeNumberField("bearingRad", object.bearingRad());
      out.writeStringField("motion", object.motion().name());
      out.writeStringField("brakeLights", object.brakeLights().name());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeStringField("hazard", scene.hazard().name());
    out.writeStringField("daylight", scene.daylight().name());
    out.writeStringField("weather", scene.weather().name());
    out.writeStringField("reason", scene.reason().name());
    out.writeStringField("sentence", scene.sentence());
    out.writeEndObject();
  }

  private static void strings(JsonGenerator out, String name, List<String> values)
      throws IOException {
    out.writeArrayFieldStart(name);
    for (String value : values) {
      out.writeString(value);
    }
    out.writeEndArray();
  }

  private static void numbers(JsonGenerator out, String name, double[] values) throws IOException {
    out.writeArrayFieldStart(name);
    for (double value : values) {
      out.writeNumber(value);
    }
    out.writeEndArray();
  }

  private static @Nullable ActionChunk readAction(Fields message) {
    Object value = message.getOrNull("action");
    if (value == null) {
      return null;
    }
    Fields f = new Fields("action", value);
    return new ActionChunk(
        f.whole("captureNs"),
        f.whole("stepNs"),
        f.word(Maneuver.class, "maneuver"),
        f.numbers("accelMps2"),
        f.numbers("curvature1pm"));
  }

  private static SceneDescription readScene(Fields f) {
    List<SceneObject> objects = new ArrayList<>();
    for (Object element : f.list("objects")) {
      Fields o = new Fields("object", element);
      objects.add(
          new SceneObject(
              o.word(SceneObject.Kind.class, "kind"),
              o.word(SceneObject.Zone.class, "zone"),
              o.number("xM"),
              o.number("yM"),
              o.number("distanceM"),
              o.number("bearingRad"),
              o.word(SceneObject.Motion.class, "motion"),
              o.word(SceneObject.BrakeLights.class, "brakeLights")));
    }
    return new SceneDescription(
        f.word(SceneDescription.Road.class, "road"),
        f.word(SceneDescription.Light.class, "light"),
        f.word(SceneDescription.Sign.class, "sign"),
        objects,
        f.word(SceneDescription.Hazard.class, "hazard"),
        f.word(SceneDescription.Daylight.class, "daylight"),
        f.word(SceneDescription.Weather.class, "weather"),
        f.word(SceneDescription.Reason.class, "reason"),
        f.text("sentence"));
  }

  /** A JSON value as Map, List, String, Long, Double, Boolean or null. */
  private static @Nullable Object value(JsonParser in) throws IOException {
    JsonToken token = in.currentToken();
    if (token == null) {
      throw new IllegalArgumentException(
          "planner message: wanted a JSON object, found an empty line");
    }
    return switch (token) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        while (in.nextToken() != JsonToken.END_OBJECT) {
          String name = in.currentName();
          in.nextToken();
          fields.put(name, value(in));
        }
        yield fields;
      }
      case START_ARRAY -> {
        List<@Nullable Object> elements = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
          elements.add(value(in));
        }
        yield elements;
      }
      case VALUE_STRING -> in.getText();
      case VALUE_NUMBER_INT -> in.getLongValue();
      case VALUE_NUMBER_FLOAT -> in.getDoubleValue();
      case VALUE_TRUE, VALUE_FALSE -> in.getBooleanValue();
      case VALUE_NULL -> null;
      default ->
          throw new IllegalArgumentException(
              "planner message: wanted a JSON value, found " + token);
    };
  }

  /** Typed access to one JSON object. */
  private static final class Fields {
    private final String where;
    private final Map<?, ?> map;

    Fields(String where, @Nullable Object value) {
      if (!(value instanceof Map<?, ?> fields)) {
        throw new IllegalArgumentException(
            "planner " + where + ": wanted a JSON object, found " + value);
      }
      this.where = where;
      this.map = fields;
    }

    boolean has(String name) {
      return map.containsKey(name);
    }

    @Nullable Object getOrNull(String name) {
      if (!map.containsKey(name)) {
        throw new IllegalArgumentException("planner " + where + ": field " + name + " is missing");
      }
      return map.get(name);
    }

    Object get(String name) {
      Object value = getOrNull(name);
      if (value == null) {
        throw new IllegalArgumentException("planner " + where + ": field " + name + " is null");
      }
      return value;
    }

    long whole(String name) {
      return get(name) instanceof Long number ? number : wrong(name, "a whole number");
    }

    double number(String name) {
      return toDouble(name, get(name));
    }

    String text(String name) {
      return get(name) instanceof String text ? text : this.<String>wrong(name, "a string");
    }

    List<?> list(String name) {
      return get(name) instanceof List<?> list ? list : this.<List<?>>wrong(name, "a list");
    }

    List<String> texts(String name) {
      List<String> texts = new ArrayList<>();
      for (Object element : list(name)) {
        texts.add(element instanceof String text ? text : this.<String>wrong(name, "strings"));
      }
      return texts;
    }

    double[] numbers(String name) {
      List<?> list = list(name);
      double[] numbers = new double[list.size()];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = toDouble(name, list.get(i));
      }
      return numbers;
    }

    <E extends Enum<E>> E word(Class<E> type, String name) {
      try {
        return Enum.valueOf(type, text(name));
      } catch (IllegalArgumentException e) {
        return wrong(name, "one of " + List.of(type.getEnumConstants()));
      }
    }

    private double toDouble(String name, @Nullable Object value) {
      return switch (value) {
        case Double number -> number;
        case Long number -> number;
        case null, default -> this.<Double>wrong(name, "a number");
      };
    }

    private <T> T wrong(String name, String wanted) {
      throw new IllegalArgumentException(
          "planner "
              + where
              + ": field "
              + name
              + ": wanted "
              + wanted
              + ", found "
              + map.get(name));
    }
  }
}
