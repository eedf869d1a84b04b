package saccade.nodes.node;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import saccade.msg.rcl_interfaces.FloatingPointRange;
import saccade.msg.rcl_interfaces.IntegerRange;
import saccade.msg.rcl_interfaces.ListParametersResult;
import saccade.msg.rcl_interfaces.ParameterDescriptor;
import saccade.msg.rcl_interfaces.SetParametersResult;
import saccade.nodes.ros.RosFault;

/**
 * The parameters of one node, as rclcpp keeps them: declared with a default, a type that stays, and
 * a descriptor; overridden by command line and files at their declaration. Set-up and control only;
 * safe for several threads. A hot path keeps what it needs in a field, told by {@link #onChange}.
 */
public final class Parameters {
  private static final SetParametersResult DONE = new SetParametersResult(true, "");

  private record Declared(ParameterValue value, ParameterDescriptor descriptor) {}

  /**
   * What a change did.
   *
   * @param declared new parameters
   * @param changed other values
   * @param undeclared gone
   */
  public record Change(
      List<Parameter> declared, List<Parameter> changed, List<Parameter> undeclared) {
    public Change {
      declared = List.copyOf(declared);
      changed = List.copyOf(changed);
      undeclared = List.copyOf(undeclared);
    }
  }

  private final String node;
  private final Map<String, ParameterValue> overrides;
  private final Map<String, Declared> all = new TreeMap<>(); // guarded by lock
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Function<List<Parameter>, String>> judges = new CopyOnWriteArrayList<>();
  private final List<Consumer<Change>> listeners = new CopyOnWriteArrayList<>();

  /**
   * @param node full name, for complaints
   * @param overrides values that take the place of defaults
   */
  public Parameters(String node, Map<String, ParameterValue> overrides) {
    this.node = node;
    this.overrides = new LinkedHashMap<>(overrides);
  }

  /** What command line and files say for this node, declared or not. */
  public Map<String, ParameterValue> overrides() {
    return new LinkedHashMap<>(overrides);
  }

  /**
   * Declares a parameter; its value is the default or what overrides it.
   *
   * @param descriptor its name and type are filled in
   * @return its value
   * @throws RosFault when it is declared already, or the value has another type or is out of range
   */
  public ParameterValue declare(
      String name, ParameterValue defaultValue, ParameterDescriptor descriptor) {
    if (name.isEmpty()) {
      throw new RosFault("node " + node + ": expected a parameter name, found an empty one");
    }
    ParameterValue value = overrides.getOrDefault(name, defaultValue);
    ParameterDescriptor full =
        descriptor
            .withName(name)
            .withType(
                (defaultValue.type() == ParameterValue.Type.NOT_SET ? value : defaultValue)
                    .type()
                    .ordinal());
    lock.lock();
    try {
      if (all.containsKey(name)) {
        throw new RosFault("node " + node + ": parameter " + name + " is declared already");
      }
      String refusal = refusal(full, value);
      if (refusal.isEmpty()) {
        refusal = judged(List.of(new Parameter(name, value)));
      }
      if (!refusal.isEmpty()) {
        throw new RosFault(
            "node %s: parameter %s cannot be %s: %s".formatted(node, name, value, refusal));
      }
      all.put(name, new Declared(value, full));
    } finally {
      lock.unlock();
    }
    tell(new Change(List.of(new Parameter(name, value)), List.of(), List.of()));
    return value;
  }

  /** A bool parameter with a description. */
  public boolean declareBool(String name, boolean defaultValue, String description) {
    return declare(name, ParameterValue.of(defaultValue), described(description)).asBool();
  }

  /** An integer parameter within {@code from..to}. */
  public long declareInteger(
      String name, long defaultValue, long from, long to, String description) {
    return declare(
            name,
            ParameterValue.of(defaultValue),
            described(description).withIntegerRange(List.of(new IntegerRange(from, to, 0))))
        .asInteger();
  }

  /** A double parameter within {@code from..to}. */
  public double declareDouble(
      String name, double defaultValue, double from, double to, String description) {
    return declare(
            name,
            ParameterValue.of(defaultValue),
            described(description)
                .withFloatingPointRange(List.of(new FloatingPointRange(from, to, 0))))
        .asDouble();
  }

  /** A string parameter with a description. */
  public String declareString(String name, String defaultValue, String description) {
    return declare(name, ParameterValue.of(defaultValue), described(description)).asString();
  }

  /** A descriptor that only describes; {@code withReadOnly(true)} and others go on from here. */
  public static ParameterDescriptor described(String description) {
    return ParameterDescriptor.defaults().withDescription(description);
  }

  /** Whether a parameter is declared. */
  public boolean has(String name) {
    lock.lock();
    try {
      return all.containsKey(name);
    } finally {
      lock.unlock();
    }
  }

  /** The names of all declared parameters, sorted. */
  public List<String> names() {
    lock.lock();
    try {
      return List.copyOf(all.keySet());
    } finally {
      lock.unlock();
    }
  }

  /**
   * The value of a parameter.
   *
   * @throws RosFault when it is not declared
   */
  public ParameterValue get(String name) {
    return declared(name).value();
  }

  /** The value of a parameter, {@link ParameterValue#NOT_SET} when it is not declared. */
  public ParameterValue getOrNotSet(String name) {
    lock.lock();
    try {
      Declared found = all.get(name);
      return found == null ? ParameterValue.NOT_SET : found.value();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The descriptor of a parameter.
   *
   * @throws RosFault when it is not declared
   */
  public ParameterDescriptor describe(String name) {
    return declared(name).descriptor();
  }

  private Declared declared(String name) {
    lock.lock();
    try {
      Declared found = all.get(name);
      if (found == null) {
        throw new RosFault("node " + node + ": parameter '" + name + "' is not declared");
      }
      return found;
    } finally {
      lock.unlock();
    }
  }

  /** Sets one parameter; the result says why not. */
  public SetParametersResult set(String name, ParameterValue value) {
    return setAtomically(List.of(new Parameter(name, value)));
  }

  /** Sets all of them or none. */
  public SetParametersResult setAtomically(List<Parameter> wanted) {
    List<Parameter> changed = new ArrayList<>();
    lock.lock();
    try {
      for (Parameter parameter : wanted) {
        String name = parameter.name();
        Declared old = all.get(name);
        String refusal;
        if (old == null) {
          refusal = "parameter '" + name + "' cannot be set because it was not declared";
        } else if (old.descriptor().readOnly()) {
          refusal = "parameter '" + name + "' cannot be set because it is read-only";
        } else {
          refusal = refusal(old.descriptor(), parameter.value());
        }
        if (!refusal.isEmpty()) {
          return new SetParametersResult(false, refusal);
        }
      }
      String refusal = judged(wanted);
      if (!refusal.isEmpty()) {
        return new SetParametersResult(false, refusal);
      }
      for (Parameter parameter : wanted) {
        Declared old = all.get(parameter.name());
        if (old != null) {
          int type =
              old.descriptor().dynamicTyping()
                  ? parameter.value().type().ordinal()
                  : old.descriptor().type();
          all.put(
              parameter.name(), new Declared(parameter.value(), old.descriptor().withType(type)));
          changed.add(parameter);
        }
      }
    } finally {
      lock.unlock();
    }
    if (!changed.isEmpty()) {
      tell(new Change(List.of(), changed, List.of()));
    }
    return DONE;
  }

  /**
   * Removes a parameter.
   *
   * @throws RosFault when it is not declared or is read-only
   */
  public void undeclare(String name) {
    Declared gone = declared(name);
    if (gone.descriptor().readOnly()) {
      throw new RosFault("node " + node + ": parameter '" + name + "' is read-only and stays");
    }
    lock.lock();
    try {
      all.remove(name);
    } finally {
      lock.unlock();
    }
    tell(new Change(List.of(), List.of(), List.of(new Parameter(name, gone.value()))));
  }

  /**
   * Asks before each change (rclcpp's on-set callback): an empty text lets all of them through, any
   * other is the reason to refuse all of them. Must not change parameters itself.
   *
   * @return takes the callback away
   */
  public Registration onSet(Function<List<Parameter>, String> judge) {
    judges.add(0, judge);
    return () -> judges.remove(judge);
  }

  /**
   * Tells after each change, on the thread that made it (rclcpp's post-set callback).
   *
   * @return takes the callback away
   */
  public Registration onChange(Consumer<Change> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  private String judged(List<Parameter> wanted) {
    for (Function<List<Parameter>, String> judge : judges) {
      String refusal = judge.apply(wanted);
      if (!refusal.isEmpty()) {
        return refusal;
      }
    }
    return "";
  }

  private void tell(Change change) {
    listeners.forEach(listener -> listener.accept(change));
  }

  /** Why a value is not allowed by a descriptor; empty when it is. Words as rclcpp's. */
  private static String refusal(ParameterDescriptor descriptor, ParameterValue value) {
    String name = descriptor.name();
    ParameterValue.Type wanted = ParameterValue.Type.values()[descriptor.type()];
    if (!descriptor.dynamicTyping()
        && (value.type() != wanted || value.type() == ParameterValue.Type.NOT_SET)) {
      return "Wrong parameter type, parameter {%s} is of type {%s}, setting it to {%s} is not allowed."
          .formatted(name, wanted, value.type());
    }
    if (value.type() == ParameterValue.Type.INTEGER && !descriptor.integerRange().isEmpty()) {
      IntegerRange range = descriptor.integerRange().get(0);
      long v = value.asInteger();
      if (v != range.toValue()
          && (v < range.fromValue()
              || v > range.toValue()
              || range.step() != 0
                  && Long.remainderUnsigned(v - range.fromValue(), range.step()) != 0)) {
        return "Parameter {%s} doesn't comply with integer range. %d, wanted %d to %d"
            .formatted(name, v, range.fromValue(), range.toValue());
      }
    }
    if (value.type() == ParameterValue.Type.DOUBLE && !descriptor.floatingPointRange().isEmpty()) {
      FloatingPointRange range = descriptor.floatingPointRange().get(0);
      double v = value.asDouble();
      if (!isWithin(range, v)) {
        return "Parameter {%s} doesn't comply with floating point range. %s, wanted %s to %s"
            .formatted(name, v, range.fromValue(), range.toValue());
      }
    }
    return "";
  }

  private static boolean isWithin(FloatingPointRange range, double v) {
    if (near(v, range.fromValue()) || near(v, range.toValue())) {
      return true;
    }
    if (!(v >= range.fromValue() && v <= range.toValue())) {
      return false;
    }
    double steps = Math.rint((v - range.fromValue()) / range.step());
    return range.step() == 0 || near(v, range.fromValue() + steps * range.step());
  }

  private static boolean near(double a, double b) {
    return Math.abs(a - b) <= 100 * Math.ulp(Math.max(Math.abs(a), Math.abs(b)));
  }

  /**
   * What {@code list_parameters} answers.
   *
   * @param prefixes only below these; all when empty
   * @param depth parts of a name below the prefix, 0 = any number
   */
  public ListParametersResult list(List<String> prefixes, long depth) {
    List<String> names = new ArrayList<>();
    TreeSet<String> groups = new TreeSet<>();
    for (String name : names()) {
      boolean listed =
          prefixes.isEmpty()
              ? fits(name, depth)
              : prefixes.stream()
                  .anyMatch(
                      prefix ->
                          name.equals(prefix)
                              || name.startsWith(prefix + ".")
                                  && fits(name.substring(prefix.length() + 1), depth));
      if (listed) {
        names.add(name);
        int dot = name.lastIndexOf('.');
        if (dot > 0) {
          groups.add(name.substring(0, dot));
        }
      }
    }
    return new ListParametersResult(names, List.copyOf(groups));
  }

  private static boolean fits(String name, long depth) {
    return depth == 0
        || Long.compareUnsigned(name.chars().filter(c -> c == '.').count(), depth) < 0;
  }
}
