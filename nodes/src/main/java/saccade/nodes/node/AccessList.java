package saccade.nodes.node;

import java.util.List;
import saccade.nodes.ros.RosFault;
import saccade.nodes.zenoh.KeyExpr;

/**
 * What peers may change in our nodes, as key expressions ({@code *} one part, {@code **} any
 * number). Reading is always allowed. Calls of our own process are not asked. Immutable.
 *
 * <pre>
 *   parameter  robot1/perception/camera/rate   node, then the name with its dots as slashes
 *   transition robot1/perception/activate      node, then the label
 * </pre>
 *
 * @param parameters which parameters may be set
 * @param lifecycle which transitions may be asked for
 */
public record AccessList(List<String> parameters, List<String> lifecycle) {

  /** Everything, as any ROS node allows. */
  public static final AccessList ALL = new AccessList(List.of("**"), List.of("**"));

  /** Nothing. */
  public static final AccessList NONE = new AccessList(List.of(), List.of());

  public AccessList {
    parameters = List.copyOf(parameters);
    lifecycle = List.copyOf(lifecycle);
    for (List<String> rules : List.of(parameters, lifecycle)) {
      for (String rule : rules) {
        try {
          KeyExpr.check(rule);
        } catch (RuntimeException e) {
          throw new RosFault(
              "access rule '" + rule + "': expected a key expression, found: " + e.getMessage(), e);
        }
      }
    }
  }

  /** Whether a peer may set a parameter. */
  public boolean maySet(String node, String parameter) {
    return allowed(parameters, node, parameter.replace('.', '/'));
  }

  /** Whether a peer may ask for a transition. */
  public boolean mayChange(String node, String transition) {
    return allowed(lifecycle, node, transition);
  }

  private static boolean allowed(List<String> rules, String node, String last) {
    if (rules.contains("**")) {
      return true; // also for names that are no key
    }
    String key = node.substring(1) + "/" + last.replaceAll("^/+|/+$", "").replaceAll("/+", "/");
    for (String rule : rules) {
      if (key.indexOf('*') < 0 && KeyExpr.includes(rule, key)) {
        return true;
      }
    }
    return false;
  }
}
