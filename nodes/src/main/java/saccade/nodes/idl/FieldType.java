package saccade.nodes.idl;

/**
 * Type of a field.
 *
 * @param base element type
 * @param nested full name ({@code std_msgs/msg/Header}) when base is NESTED, else empty
 * @param stringBound most characters of a bounded string, else 0
 * @param shape one value, an array or a sequence
 * @param count elements of an array, most elements of a bounded sequence, else 0
 */
public record FieldType(Base base, String nested, int stringBound, Shape shape, int count) {

  /**
   * Element types of a definition file, with their numbers in
   * type_description_interfaces/FieldType.
   */
  public enum Base {
    NESTED("", 1, 0),
    INT8("int8", 2, 1),
    UINT8("uint8", 3, 1),
    INT16("int16", 4, 2),
    UINT16("uint16", 5, 2),
    INT32("int32", 6, 4),
    UINT32("uint32", 7, 4),
    INT64("int64", 8, 8),
    UINT64("uint64", 9, 8),
    FLOAT32("float32", 10, 4),
    FLOAT64("float64", 11, 8),
    CHAR("char", 3, 1),
    BOOL("bool", 15, 1),
    BYTE("byte", 16, 1),
    STRING("string", 17, 0),
    WSTRING("wstring", 18, 0);

    /** As written in a definition file. */
    public final String word;

    final int id;

    /** Bytes of a primitive, 0 for strings and nested types. */
    public final int bytes;

    Base(String word, int id, int bytes) {
      this.word = word;
      this.id = id;
      this.bytes = bytes;
    }

    /**
     * The value of a literal as definition files write it: Boolean, BigInteger within the type's
     * range, Double or String.
     *
     * @throws IdlFault when the text is no such literal
     */
    public Object value(String literal) {
      return IdlParser.value(this, literal);
    }

    /** Whether the type is a number or a truth value of fixed size. */
    public boolean primitive() {
      return bytes > 0;
    }
  }

  /** How often the element occurs. */
  public enum Shape {
    SINGLE(0),
    ARRAY(48),
    BOUNDED_SEQUENCE(96),
    SEQUENCE(144);

    final int idOffset;

    Shape(int idOffset) {
      this.idOffset = idOffset;
    }
  }

  static FieldType single(Base base) {
    return new FieldType(base, "", 0, Shape.SINGLE, 0);
  }

  static FieldType nested(String name) {
    return new FieldType(Base.NESTED, name, 0, Shape.SINGLE, 0);
  }

  static FieldType sequence(String name, int bound) {
    return new FieldType(Base.NESTED, name, 0, Shape.BOUNDED_SEQUENCE, bound);
  }

  /** The number of the type in a type description. */
  public int id() {
    int element = base.id;
    if (stringBound > 0) {
      element = base == Base.STRING ? 21 : 22;
    }
    return element + shape.idOffset;
  }

  /** The type as a definition file writes it. */
  public String text() {
    String element = base == Base.NESTED ? nested.replace("/msg/", "/") : base.word;
    if (stringBound > 0) {
      element += "<=" + stringBound;
    }
    return switch (shape) {
      case SINGLE -> element;
      case ARRAY -> element + "[" + count + "]";
      case BOUNDED_SEQUENCE -> element + "[<=" + count + "]";
      case SEQUENCE -> element + "[]";
    };
  }
}
