package saccade.perception.engine;

import java.util.Map;
import java.util.stream.Collectors;

/**
 * Where one graph really runs.
 *
 * @param graph file name, e.g. {@code encoder_camera.onnx}
 * @param wanted as configured
 * @param ran the provider its session was opened with
 * @param why what stood against each provider before it, one line; empty when the first one runs
 * @param nodes operators by the provider that ran them, by ONNX Runtime's names: a GPU provider
 *     leaves to the CPU what it does not know; empty where nobody looked (CPU only)
 */
public record GraphPlacement(
    String graph,
    ExecutionProvider wanted,
    ExecutionProvider ran,
    String why,
    Map<String, Integer> nodes) {

  public GraphPlacement {
    nodes = Map.copyOf(nodes);
  }

  /** Whether the graph runs on less than was wanted. */
  public boolean fellBack() {
    return ran != wanted;
  }

  /** One line for people. */
  public String line() {
    String operators =
        nodes.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(e -> e.getValue() + " operators on " + e.getKey())
            .collect(Collectors.joining(", "));
    return ran.ortName()
        + (operators.isEmpty() ? "" : ", " + operators)
        + (fellBack() ? "; not " + why : "");
  }
}
