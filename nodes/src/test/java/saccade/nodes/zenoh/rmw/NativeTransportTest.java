package saccade.nodes.zenoh.rmw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import saccade.msg.rcl_interfaces.GetParameters;
import saccade.msg.rcl_interfaces.Parameter;
import saccade.msg.rcl_interfaces.SetParameters;
import saccade.nodes.cli.BadInput;
import saccade.nodes.node.AccessList;
import saccade.nodes.node.Client;
import saccade.nodes.node.Node;
import saccade.nodes.node.ParameterValue;
import saccade.nodes.zenoh.RealLibrary;
import saccade.nodes.zenoh.ZenohConfig;
import saccade.nodes.zenoh.c.Libzenohc;

/** ROS 2 over sessions of libzenohc: parameters of a node, and how the session is chosen. */
class NativeTransportTest {
  private static Path library;

  @BeforeAll
  static void library() {
    library = RealLibrary.path();
  }

  @Test
  void aNodesParametersAreReadAndSetFromTheOtherSide() throws Exception {
    Duration wait = Duration.ofSeconds(60);
    Node.Options quiet = Node.Options.DEFAULT.withConsole(line -> {});
    for (boolean served : new boolean[] {true, false}) {
      try (ZenohTransport one = open(served, ZenohConfig.peer());
          ZenohTransport two =
              open(!served, ZenohConfig.peer(one.session().listening().get(0).toString()))) {
        Node node =
            Node.create(
                one,
                "n",
                "/robot",
                quiet.withAccess(new AccessList(List.of("robot/n/rate"), List.of())));
        node.parameters().declareDouble("rate", 10, 0, 50, "");
        Node other = Node.create(two, "other", "", quiet);
        Client<GetParameters.Request, GetParameters.Response> get =
            other.createClient(GetParameters.TYPE, "/robot/n/get_parameters");
        Client<SetParameters.Request, SetParameters.Response> set =
            other.createClient(SetParameters.TYPE, "/robot/n/set_parameters");
        assertTrue(get.waitForService(wait) && set.waitForService(wait));
        GetParameters.Request rate = new GetParameters.Request(List.of("rate"));
        assertEquals(10, get.call(rate, wait).values().get(0).doubleValue());
        var results =
            set.call(
                    new SetParameters.Request(
                        List.of(
                            new Parameter("rate", ParameterValue.of(20.0).message()),
                            new Parameter("rate", ParameterValue.of(60.0).message()))),
                    wait)
                .results();
        assertEquals(List.of(true, false), results.stream().map(r -> r.successful()).toList());
        assertEquals(20, get.call(rate, wait).values().get(0).doubleValue());
        assertEquals(20, node.parameters().get("rate").asDouble());
      }
    }
  }

  private static ZenohTransport open(boolean nativeSession, ZenohConfig config) {
    return nativeSession ? ZenohTransport.open(library, config, 8) : ZenohTransport.open(config, 8);
  }

  @Test
  void theEnvironmentChooses() throws Exception {
    RmwConfig config =
        RmwConfig.of(
            Map.of(
                Libzenohc.VARIABLE,
                library.toString(),
                "ROS_DOMAIN_ID",
                "9",
                "ZENOH_CONFIG_OVERRIDE",
                "connect/endpoints=[];transport/shared_memory/enabled=true"));
    assertEquals(library, config.library());
    try (ZenohTransport one = ZenohTransport.open(config);
        ZenohTransport two =
            ZenohTransport.open(ZenohConfig.peer(one.session().listening().get(0).toString()), 9)) {
      assertTrue(two.session().awaitLink(Duration.ofSeconds(60)));
      assertEquals(List.of(one.session().id()), two.session().peers());
    }
    assertThrows(BadInput.class, () -> RmwConfig.of(Map.of(Libzenohc.VARIABLE, "/some/where")));
  }
}
