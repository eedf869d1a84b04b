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
 * Walks a payload by its definition, apart from the codec under test: knows which bytes mean
 * nothing (those between primitives and those behind the message) and can turn the byte order.
 */
final class PayloadWalk {
  private final Definitions definitions;
  private final ByteBuffer payload;
  private final boolean[] meant;
  private final byte[] turned;

  private PayloadWalk(Definitions definitions, byte[] payload) {
    this.definitions = definitions;
    this.payload = ByteBuffer.wrap(payload);
    this.payload.order(payload[1] == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    this.meant = new boolean[payload.length];
    this.turned = payload.clone();
    turned[1] ^= 1;
  }

  /** The payload with zeros where it pads, cut behind the last field. */
  static byte[] cleared(byte[] payload, String type, Definitions definitions) {
    PayloadWalk walk = new PayloadWalk(definitions, payload);
    walk.mark(0, 4);
    int end = walk.structure(definitions.structure(type), 4);
    byte[] cleared = Arrays.copyOf(payload, end);
    for (int i = 0; i < end; i++) {
      cleared[i] = walk.meant[i] ? cleared[i] : 0;
    }
    return cleared;
  }

  /** The same message in the other byte order. */
  static byte[] turned(byte[] payload, String type, Definitions definitions) {
    PayloadWalk walk = new PayloadWalk(definitions, payload);
    walk.structure(definitions.structure(type), 4);
    return walk.turned;
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
        int end = primitive(at, 4);
        for (int units = payload.getInt(end - 4); units > 0; units--) {
          end = primitive(end, 4);
        }
        yield end;
      }
      default -> primitive(at, type.base().bytes);
    };
  }

  private int primitive(int at, int bytes) {
    int place = at;
    while ((place - 4) % bytes != 0) {
      place++;
    }
    mark(place, bytes);
    for (int i = 0; i < bytes; i++) {
      turned[place + i] = payload.get(place + bytes - 1 - i);
    }
    return place + bytes;
  }
}
