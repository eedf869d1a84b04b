package saccade.nodes.cli;

/**
 * What was begun is given up because somebody wants it to end (Ctrl-C, SIGTERM). The command line
 * prints nothing for it: who was told of the wish says so.
 */
@SuppressWarnings("serial")
public final class ProcessEnding extends RuntimeException {
  public ProcessEnding() {
    super("told to end", null, false, false);
  }
}
