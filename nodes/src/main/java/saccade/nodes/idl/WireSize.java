package saccade.nodes.idl;

import saccade.nodes.idl.FieldType.Base;
import saccade.nodes.idl.FieldType.Shape;

/** Fewest and most bytes of structures in plain CDR. */
final class WireSize {
  private static final int HEADER = 4;
  private static final int MOST_ELEMENTS = 1 << 16;
  private static final long UNBOUNDED = Long.MAX_VALUE;

  private final Definitions definitions;

  WireSize(Definitions definitions) {
    this.definitions = definitions;
  }

  /** Most bytes of a payload, encapsulation header included; -1 without a bound. */
  int most(Structure structure) {
    long end = end(structure, 0);
    return end > Integer.MAX_VALUE - HEADER ? -1 : (int) end + HEADER;
  }

  /**
   * Where a structure that begins at {@code at} ends at the latest. Later beginnings never end
   * earlier.
   */
  private long end(Structure structure, long at) {
    long end = structure.fields().isEmpty() ? at + 1 : at;
    for (Structure.Field field : structure.fields()) {
      FieldType type = field.type();
      switch (type.shape()) {
        case SINGLE -> end = elements(type, 1, end);
        case ARRAY -> end = elements(type, type.count(), end);
        case BOUNDED_SEQUENCE -> end = elements(type, type.count(), aligned(end, 4) + 4);
        case SEQUENCE -> end = UNBOUNDED;
      }
      if (end > Integer.MAX_VALUE) {
        return UNBOUNDED;
      }
    }
    return end;
  }

  private long elements(FieldType type, int count, long at) {
    if (type.base().primitive()) {
      return aligned(at, type.base().bytes) + (long) count * type.base().bytes;
    }
    if (type.base() != Base.NESTED && type.stringBound() == 0 || count > MOST_ELEMENTS) {
      return UNBOUNDED;
    }
    long end = at;
    for (int i = 0; i < count && end <= Integer.MAX_VALUE; i++) {
      end =
          switch (type.base()) {
            case STRING -> aligned(end, 4) + 4 + type.stringBound() + 1;
            case WSTRING -> aligned(end, 4) + 4 + 4L * type.stringBound();
            default -> end(definitions.structure(type.nested()), end);
          };
    }
    return end;
  }

  /** Fewest bytes of a structure, padding not counted; at least 1. */
  int fewest(Structure structure) {
    long sum = structure.fields().isEmpty() ? 1 : 0;
    for (Structure.Field field : structure.fields()) {
      FieldType type = field.type();
      sum +=
          switch (type.shape()) {
            case SINGLE -> fewest(type);
            case ARRAY -> (long) type.count() * fewest(type);
            default -> 4;
          };
    }
    return (int) Math.min(Integer.MAX_VALUE, sum);
  }

  /** Fewest bytes of one element. */
  int fewest(FieldType type) {
    return switch (type.base()) {
      case NESTED -> fewest(definitions.structure(type.nested()));
      case STRING, WSTRING -> 4;
      default -> type.base().bytes;
    };
  }

  static boolean isSequence(FieldType type) {
    return type.shape() == Shape.SEQUENCE || type.shape() == Shape.BOUNDED_SEQUENCE;
  }

  private static long aligned(long at, int size) {
    return at + size - 1 & -(long) size;
  }
}
