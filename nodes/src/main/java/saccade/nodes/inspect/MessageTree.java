package saccade.nodes.inspect;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import saccade.nodes.cdr.CdrFault;
import saccade.nodes.cdr.CdrReader;
import saccade.nodes.idl.Definitions;
import saccade.nodes.idl.FieldType;
import saccade.nodes.idl.FieldType.Base;
import saccade.nodes.idl.FieldType.Shape;
import saccade.nodes.idl.Structure;

/**
 * A message of any type as maps, lists, numbers and texts, in the form the ROS tools make of it: a
 * single {@code byte} is a text of one character, long arrays and texts end in {@code ...}.
 */
final class MessageTree {
  /** The mark of what was left out. */
  static final String MORE = "...";

  private final Definitions definitions;
  private final int most;

  /**
   * @param most elements of an array, characters of a text; the rest is read and left out
   */
  MessageTree(Definitions definitions, int most) {
    this.definitions = definitions;
    this.most = most;
  }

  /**
   * Reads the message at the reader's position.
   *
   * @throws CdrFault when the bytes are not such a message
   */
  Map<String, Object> read(String type, CdrReader in) {
    Structure structure = definitions.structure(type);
    Map<String, Object> values = new LinkedHashMap<>();
    if (structure.fields().isEmpty()) {
      in.emptyStructure();
    }
    for (Structure.Field field : structure.fields()) {
      FieldType kind = field.type();
      values.put(
          field.name(),
          kind.shape() == Shape.SINGLE ? single(kind, in) : several(field.name(), kind, in));
    }
    return values;
  }

  private List<Object> several(String name, FieldType type, CdrReader in) {
    int bytes = Math.max(1, type.base().bytes);
    int count =
        switch (type.shape()) {
          case ARRAY -> {
            in.expect(bytes, type.count());
            yield type.count();
          }
          case BOUNDED_SEQUENCE -> in.count(bytes, type.count());
          default -> in.count(bytes, Integer.MAX_VALUE);
        };
    // What is left out is read all the same; octets in one go, an image has millions of them.
    boolean octets = type.base() == Base.UINT8 || type.base() == Base.CHAR;
    if (octets && count > most) {
      byte[] all = in.octetArray(count);
      List<Object> shown = new ArrayList<>();
      for (int i = 0; i < most; i++) {
        shown.add((long) (all[i] & 0xff));
      }
      shown.add(MORE);
      return shown;
    }
    List<Object> values = new ArrayList<>(Math.min(count, most) + 1);
    for (int i = 0; i < count; i++) {
      Object value = single(type, in);
      if (i < most) {
        values.add(value);
      } else if (i == most) {
        values.add(MORE);
      }
    }
    if (count < 0) {
      throw new CdrFault(name + ": " + count + " elements: wanted 0 or more");
    }
    return values;
  }

  private Object single(FieldType type, CdrReader in) {
    int bound = type.stringBound() > 0 ? type.stringBound() : Integer.MAX_VALUE;
    return switch (type.base()) {
      case NESTED -> read(type.nested(), in);
      case BOOL -> in.bool();
      case INT8 -> (long) in.int8();
      case UINT8, CHAR -> (long) in.uint8();
      case BYTE -> String.valueOf((char) in.uint8());
      case INT16 -> (long) in.int16();
      case UINT16 -> (long) in.uint16();
      case INT32 -> (long) in.int32();
      case UINT32 -> Integer.toUnsignedLong(in.uint32());
      case INT64 -> in.int64();
      case UINT64 -> new BigInteger(Long.toUnsignedString(in.uint64()));
      case FLOAT32 -> (double) in.float32();
      case FLOAT64 -> in.float64();
      case STRING -> cut(in.string(bound));
      case WSTRING -> cut(in.wstring(bound));
    };
  }

  private String cut(String text) {
    int points = text.codePointCount(0, text.length());
    return points <= most ? text : text.substring(0, text.offsetByCodePoints(0, most)) + MORE;
  }
}
