package saccade.nodes.idl;

/** A definition that is none. One line: the value found, the value wanted, where. */
@SuppressWarnings("serial")
public final class IdlFault extends RuntimeException {
  public IdlFault(String oneLine) {
    super(oneLine);
  }
}
