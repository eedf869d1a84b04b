package saccade.hil.interop;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import saccade.nodes.idl.Definitions;
import saccade.nodes.idl.FieldType;
import saccade.nodes.idl.FieldType.Shape;
import saccade.nodes.idl.Structure;

/**
 * Payloads by definition alone, apart from the codec under test: makes pseudo-random ones (plain
 * CDR, little endian, padding zero) and knows which bytes of any payload mean something. One
 * thread.
 */
final class WireBytes {
  private static final String[] LETTERS = "a b c X Y Z _ / 0 9 é ß 漢 😀".split(" ", -1);
  private static final int HEADER = 4;

  private final Definitions definitions;

  WireBytes(Definitions definitions) {
    this.definitions = definitions;
  }

  /** A payload of a type, with its encapsulation header; the same seed gives the same bytes. */
  byte[] random(String type, long seed) {
    Writer writer = new Writer(new SplittableRandom(seed * 31 + type.hashCode()));
    writer.structure(definitions.structure(type));
    return Arrays.copyOf(writer.bytes, writer.at);
  }

  /**
   * A payload with zeros where it pads, cut behind the last field.
   *
   * @throws IndexOutOfBoundsException when it ends too early
   */
  byte[] meant(String type, byte[] payload) {
    Walk walk = new Walk(payload);
    walk.meant[0] = walk.meant[1] = walk.meant[2] = walk.meant[3] = true;
    int end = walk.structure(definitions.structure(type), HEADER);
    byte[] cleared = Arrays.copyOf(payload, end);
    for (int i = 0; i < end; i++) {
      cleared[i] = walk.meant[i] ? cleared[i] : 0;
    }
    return cleared;
  }

  /** Where a primitive of that size goes, counted from behind the header. */
  private static int aligned(int at, int bytes) {
    return at + Math.floorMod(HEADER - at, bytes);
  }

  private final class Writer {
    private final SplittableRandom random;
    private byte[] bytes = {0, 1, 0, 0};
    private int at = HEADER;

    Writer(SplittableRandom random) {
      this.random = random;
      bytes = Arrays.copyOf(bytes, 256);
    }

    private void structure(Structure structure) {
      if (structure.fields().isEmpty()) {
        number(0, 1);
      }
      for (Structure.Field field : structure.fields()) {
        FieldType type = field.type();
        int count =
            switch (type.shape()) {
              case SINGLE -> 1;
              case ARRAY -> type.count();
              case BOUNDED_SEQUENCE -> random.nextInt(Math.min(3, type.count()) + 1);
              case SEQUENCE -> random.nextInt(4);
            };
        if (type.shape() == Shape.BOUNDED_SEQUENCE || type.shape() == Shape.SEQUENCE) {
          number(count, 4);
        }
        for (int i = 0; i < count; i++) {
          element(type);
        }
      }
    }

    private void element(FieldType type) {
      switch (type.base()) {
        case NESTED -> structure(definitions.structure(type.nested()));
        case BOOL -> number(random.nextInt(2), 1);
        case FLOAT32 -> number(Float.floatToIntBits((float) random.nextDouble(-1e6, 1e6)), 4);
        case FLOAT64 -> number(Double.doubleToLongBits(random.nextDouble(-1e6, 1e6)), 8);
        case STRING -> {
          int most = type.stringBound() > 0 ? type.stringBound() / 4 : 12;
          byte[] text = text(most).getBytes(StandardCharsets.UTF_8);
          number(text.length + 1, 4);
          for (byte each : text) {
            number(each, 1);
          }
          number(0, 1);
        }
        case WSTRING -> {
          String text = text(type.stringBound() > 0 ? type.stringBound() / 2 : 12);
          number(text.length(), 4);
          for (int i = 0; i < text.length(); i++) {
            number(text.charAt(i), 4);
          }
        }
        default -> number(random.nextLong(), type.base().bytes);
      }
    }

    private String text(int most) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(Math.min(12, most) + 1); i > 0; i--) {
        text.append(LETTERS[random.nextInt(LETTERS.length)]);
      }
      return text.toString();
    }

    private void number(long value, int size) {
      int place = aligned(at, size);
      if (place + size > bytes.length) {
        bytes = Arrays.copyOf(bytes, 2 * (place + size));
      }
      for (int i = 0; i < size; i++) {
        bytes[place + i] = (byte) (value >> 8 * i);
      }
      at = place + size;
    }
  }

  private final class Walk {
    private final ByteBuffer payload;
    private final boolean[] meant;

    Walk(byte[] payload) {
      this.payload = ByteBuffer.wrap(payload);
      this.payload.order(payload[1] == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
      meant = new boolean[payload.length];
    }

    private int mark(int from, int bytes) {
      if (bytes < 0 || bytes > meant.length - from) {
        throw new IndexOutOfBoundsException(
            "payload of " + meant.length + " bytes; wanted " + bytes + " at " + from);
      }
      Arrays.fill(meant, from, from + bytes, true);
      return from + bytes;
    }

    private int structure(Structure structure, int from) {
      int end = structure.fields().isEmpty() ? mark(from, 1) : from;
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

    private int element(FieldType type, int from) {
      return switch (type.base()) {
        case NESTED -> structure(definitions.structure(type.nested()), from);
        case STRING -> {
          int text = primitive(from, 4);
          yield mark(text, payload.getInt(text - 4));
        }
        case WSTRING -> {
          int end = primitive(from, 4);
          for (int units = payload.getInt(end - 4); units > 0; units--) {
            end = primitive(end, 4);
          }
          yield end;
        }
        default -> primitive(from, type.base().bytes);
      };
    }

    private int primitive(int from, int bytes) {
      return mark(aligned(from, bytes), bytes);
    }
  }
}
