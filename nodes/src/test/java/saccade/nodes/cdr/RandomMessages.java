package saccade.nodes.cdr;

import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import saccade.msg.KnownTestTypes;
import saccade.msg.KnownTypes;
import saccade.nodes.idl.Definitions;
import saccade.nodes.idl.FieldType;
import saccade.nodes.idl.Structure;

/** Pseudo-random records of any generated type, within the bounds its definition states. */
public final class RandomMessages {
  private static final String[] LETTERS = "a b c X Y Z _ / 0 9 é ß 漢 😀".split(" ");

  private final Definitions definitions;
  private final SplittableRandom random;

  public RandomMessages(Definitions definitions, long seed) {
    this.definitions = definitions;
    this.random = new SplittableRandom(seed);
  }

  public static MessageType<?> type(String name) {
    MessageType<?> type = KnownTypes.message(name);
    return type != null ? type : KnownTestTypes.message(name);
  }

  public static List<String> names() {
    List<String> names = new ArrayList<>(KnownTypes.messageNames());
    names.addAll(KnownTestTypes.messageNames());
    return names;
  }

  public <T> T next(MessageType<T> type) {
    return type.javaClass().cast(next(type.rosName()));
  }

  private Object next(String name) {
    Structure structure = definitions.structure(name);
    Class<?> javaClass = type(name).javaClass();
    RecordComponent[] components = javaClass.getRecordComponents();
    Object[] values = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      values[i] = value(structure.fields().get(i).type(), types[i]);
    }
    try {
      return javaClass.getConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      throw new AssertionError(name + " " + Arrays.deepToString(values), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private Object value(FieldType type, Class<?> javaType) {
    if (type.shape() == FieldType.Shape.SINGLE) {
      return single(type);
    }
    int count =
        switch (type.shape()) {
          case ARRAY -> type.count();
          case BOUNDED_SEQUENCE -> random.nextInt(Math.min(3, type.count()) + 1);
          default -> random.nextInt(4);
        };
    if (!javaType.isArray()) {
      List<Object> list = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        list.add(single(type));
      }
      return list;
    }
    Object array = Array.newInstance(javaType.componentType(), count);
    for (int i = 0; i < count; i++) {
      Object one = single(type);
      switch (array) {
        case byte[] bytes -> bytes[i] = ((Number) one).byteValue();
        case short[] shorts -> shorts[i] = ((Number) one).shortValue();
        default -> Array.set(array, i, one);
      }
    }
    return array;
  }

  private Object single(FieldType type) {
    return switch (type.base()) {
      case NESTED -> next(type.nested());
      case BOOL -> random.nextBoolean();
      case INT8 -> random.nextInt(-128, 128);
      case UINT8, BYTE, CHAR -> random.nextInt(256);
      case INT16 -> random.nextInt(-32768, 32768);
      case UINT16 -> random.nextInt(65536);
      case INT32, UINT32 -> random.nextInt();
      case INT64, UINT64 -> random.nextLong();
      case FLOAT32 -> random.nextInt(4) == 0 ? -1.5f : (float) random.nextDouble(-1e6, 1e6);
      case FLOAT64 -> random.nextInt(4) == 0 ? 0.0 : random.nextDouble(-1e6, 1e6);
      case STRING -> text(type.stringBound() > 0 ? type.stringBound() / 4 : 12, LETTERS.length);
      case WSTRING ->
          text(type.stringBound() > 0 ? type.stringBound() / 2 : 12, LETTERS.length - 1);
    };
  }

  private String text(int most, int letters) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(most + 1); i > 0; i--) {
      text.append(LETTERS[random.nextInt(letters)]);
    }
    return text.toString();
  }
}
