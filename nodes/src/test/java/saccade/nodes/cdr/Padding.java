package saccade.nodes.cdr;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import saccade.nodes.idl.Definitions;
import saccade.nodes.idl.FieldType;
import saccade.nodes.idl.FieldType.Shape;
import saccade.nodes.idl.Structure;

/**
 * Walks a payload by its definition, apart from the codec under test, and finds the bytes that mean
 * nothing: those between primitives and those behind the message.
 */
final class Padding {
  private final Definitions definitions;
  private final ByteBuffer payload;
  private final boolean[] meant;

  private Padding(Definitions definitions, byte[] payload) {
    this.definitions = definitions;
    this.payload = ByteBuffer.wrap(payload);
    this.payload.order(payload[1] == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    this.meant = new boolean[payload.length];
  }

  /** The payload with zeros where it pads, cut behind the last field. */
  static byte[] cleared(byte[] payload, String type, Definitions definitions) {
    Padding walk = new Padding(definitions, payload);
    walk.mark(0, 4);
    int end = walk.structure(definitions.structure(type), 4);
    byte[] cleared = Arrays.copyOf(payload, end);
    for (int i = 0; i < end; i++) {
      cleared[i] = walk.meant[i] ? cleared[i] : 0;
    }
    return cleared;
  }

  private int mark(int from, int bytes) {
    assertTrue(
        from + bytes <= meant.length, "ends at " + meant.length + ", wanted " + (from + bytes));
    Arrays.fill(meant, from, from + bytes, true);
    return from + bytes;
  }

  private int structure(Structure structure, int at) {
    int end = structure.fields().isEmpty() ? mark(at, 1) : at;
    for (Structure.Field field : structure.fields()) {
      FieldType type = field.type();
      int count = type.shape() == Shape.ARRAY ? type.count() : 1;
      if (type.shape() == Shape.SEQUENCE || type.shape() == Shape.BOUNDED_SEQUENCE) {
        end = primitive(end, 4);
        count = payload.getInt(end - 4);
      }
      for (int i = 0; i < count; i++) {
        end = element(type, end);
      }
    }
    return end;
  }

  private int element(FieldType type, int at) {
    return switch (type.base()) {
      case NESTED -> structure(definitions.structure(type.nested()), at);
      case STRING -> {
        int text = primitive(at, 4);
        yield mark(text, payload.getInt(text - 4));
      }
      case WSTRING -> {
        int text = primitive(at, 4);
        yield mark(text, 4 * payload.getInt(text - 4));
      }
      default -> primitive(at, type.base().bytes);
    };
  }

  private int primitive(int at, int bytes) {
    int place = at;
    while ((place - 4) % bytes != 0) {
      place++;
    }
    return mark(place, bytes);
  }
}
