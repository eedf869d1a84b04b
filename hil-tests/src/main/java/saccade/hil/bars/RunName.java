package saccade.hil.bars;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiPredicate;

/**
 * What a run measures, as its command line says it: two runs are the same when verb and options
 * are, in whatever order the options stand. Options that only say where things lie, what becomes of
 * the figures or how many work at a time have no part in it.
 *
 * @param verb words before the options, e.g. {@code hil endtoend}
 * @param options name to values
 */
public record RunName(String verb, SortedMap<String, List<String>> options) {
  private static final Set<String> ASIDE =
      Set.of(
          "--append",
          "--bars",
          "--check",
          "--checkpoint",
          "--data",
          "--junit",
          "--log",
          "--model",
          "--out",
          "--threads");

  /** Of a line as it stands in the bars file. */
  static RunName of(String commandLine) {
    return of(List.of(commandLine.strip().split("\\s+")));
  }

  /**
   * Of the words of a command line.
   *
   * @param words arguments of {@code ./saccade}
   */
  public static RunName of(List<String> words) {
    List<String> verb = new ArrayList<>();
    SortedMap<String, List<String>> options = new TreeMap<>();
    List<String> values = verb;
    for (String word : words) {
      if (!isOption(word)) {
        values.add(word);
        continue;
      }
      int equals = word.indexOf('=');
      values =
          options.computeIfAbsent(
              equals < 0 ? word : word.substring(0, equals), name -> new ArrayList<>());
      if (equals >= 0) {
        values.add(word.substring(equals + 1));
      }
    }
    options.keySet().removeAll(ASIDE);
    return new RunName(String.join(" ", verb), options);
  }

  /** The same run with one more option that has no value. */
  public RunName with(String flag) {
    SortedMap<String, List<String>> more = new TreeMap<>(options);
    more.put(flag, List.of());
    return new RunName(verb, more);
  }

  /**
   * The same run without the options that say what holds anyway.
   *
   * @param isDefault whether a value is what the option of a name has when it is not given
   */
  public RunName without(BiPredicate<String, String> isDefault) {
    SortedMap<String, List<String>> fewer = new TreeMap<>(options);
    fewer
        .entrySet()
        .removeIf(
            option ->
                option.getValue().size() == 1
                    && isDefault.test(option.getKey(), option.getValue().getFirst()));
    return new RunName(verb, fewer);
  }

  /** A number below 0 is a value. */
  private static boolean isOption(String word) {
    return word.length() > 1 && word.charAt(0) == '-' && !Character.isDigit(word.charAt(1));
  }

  /** As it is typed. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(verb);
    options.forEach(
        (name, values) -> {
          text.append(' ').append(name);
          values.forEach(value -> text.append(' ').append(value));
        });
    return text.toString();
  }
}
