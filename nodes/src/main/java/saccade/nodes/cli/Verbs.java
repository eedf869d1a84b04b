package saccade.nodes.cli;

import java.util.List;

/**
 * Adds verbs to the command line. Found by {@link java.util.ServiceLoader}, so that {@code
 * hil-tests} can offer its runs without being imported by anything.
 */
public interface Verbs {

  /**
   * One verb.
   *
   * @param group the word before it ({@code bench}, {@code hil}, {@code model}, {@code sim}), or
   *     empty for a verb of the top level
   * @param command annotated with picocli's {@code @Command} and made, by a constructor without
   *     arguments, when it is asked for
   */
  record Verb(String group, Class<?> command) {}

  /** The verbs this module adds; called once at start. */
  List<Verb> verbs();
}
