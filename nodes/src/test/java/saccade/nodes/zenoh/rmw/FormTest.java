package saccade.nodes.zenoh.rmw;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import saccade.nodes.cli.BadInput;
import saccade.nodes.ros.NodeName;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.zenoh.Role;

/** rmw_zenoh's texts and bytes, against vectors of its own sources and documents. */
class FormTest {
  private static final String HASH =
      "RIHS01_df668c740482bbd48fb39d76a70dfd4bd59db1288021743503259e948f6b1a18";
  private static final String LISTENER =
      "@ros2_lv/2/aac3178e146ba6f1fc6e6a4085e77f21/0/10/MS/%/%/listener/%chatter/"
          + "std_msgs::msg::dds_::String_/"
          + HASH
          + "/::,10:,:,:,,";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "@ros2_lv/0/1/0/0/NN/%/%/n | b4d15b855bf91fc3aa0bf846b348653d",
        "@ros2_lv/2/aac3178e146ba6f1fc6e6a4085e77f21/0/0/NN/%/%/listener"
            + " | 49877999dacb858702d11ac823785912",
        LISTENER + " | 76148a538308fe55a6c5375462ca1de6",
        "@ros2_lv/2/f9980ee0495eaafb3e38f0d19e2eae12/0/10/SS/%/%/add_two_ints_server/%add_two_ints/"
            + "example_interfaces::srv::dds_::AddTwoInts_/"
            + "RIHS01_e118de6bf5eeb66a2491b5bda11202e7b68f198d6f67922cf30364858239c81a/::,10:,:,:,,"
            + " | 3564867a081a38dfcd3fab2d23924234",
        "@ros2_lv/0/aac3178e146ba6f1fc6e6a4085e77f21/0/10/MP/%/%robot_one%sensors/"
            + "camera_front_driver/%robot_one%sensors%camera%front%image_raw/"
            + "sensor_msgs::msg::dds_::Image_/"
            + "RIHS01_d31d41a9a4c4bc8eae9be757b0beed306564f7526c88ea6a4588fb9582527d47/2::,5:,:,:,,"
            + " | ef187d88bed66606849e5482f94eb624",
      })
  void globalIds(String token, String gid) {
    assertEquals(gid, HexFormat.of().formatHex(Gid.of(token)));
  }

  /**
   * Digests of "abc…" by python-xxhash 4.1.0, xxh3_128_intdigest: each way through the algorithm.
   */
  @ParameterizedTest
  @CsvSource({
    "0, 99aa06d3014798d86001c324468d497f",
    "1, a96faf705af16834e6c632b61e964e1f",
    "2, 89c65ebc828eebaca873719c24d5735c",
    "3, 06b05ab6733a618578af5f94892f3950",
    "4, 8d6b60383dfa90c21be79eecd1b1353d",
    "7, 2aafd83869a59c313fe798c0edaa6dc6",
    "8, dac23237af37353342b702b313880f12",
    "9, b43ff5bc5ff2e0adc0646b2d7986db98",
    "15, 5e190a0fa5ad0836d35dc9eaab32b9a0",
    "16, 1f58fc809b1b8c4b3e8e153ff12f6330",
    "17, 11078c38a5ca3a8dc3acc9940596efab",
    "31, c56af27b38b4511305017d7b0c367a88",
    "32, 994adea69fcbdd34a23a960186bd9b0a",
    "33, e6275e14e206acc5ba2f89d4ebd98cb6",
    "64, 86507989b442d8af536c5fe53823be9f",
    "100, f13c08ea108602716077ca3810a2c224",
    "128, a87f157ac617df254c5499b1fc6dae1e",
    "129, 8ebb4a9854af5bc41ac468f67a442b6a",
    "160, 6a90621fcab6a2cad35f5e7edece4047",
    "191, 5ed0a5bbf93fd39c45f65cea5f74a9a6",
    "192, bf9a99e8cf626efb97ae9d8ea178b295",
    "239, 9168a73f281a4e07bf234991b3080923",
    "240, ee81fc0343b09d3079750202eaee16bc",
    "241, 4c1a7e587365bd1ebb0a906af5b5c211",
    "256, ae0a94d95bb27b4d81c9c1c2f95365a6",
    "300, 34de2aad60a7d7ca7f720c1f731c9648",
    "512, d9820b18686c22e6169887a206a45c62",
    "1024, a0e8f48f4e7973c45e6a406e127165a8",
    "1025, 3cfd5791794dbdf7c180534771fac3f5",
    "1088, 709ad0d4e6e2fa6e94de54c04a05382f",
    "5000, 0acf3f2690e48fadeb0f5845c1ec4cc2",
  })
  void hashesOfEveryLength(int length, String digest) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) ('a' + i % 26));
    }
    long[] h = Gid.hash(text.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    assertEquals(digest, HexFormat.of().toHexDigits(h[1]) + HexFormat.of().toHexDigits(h[0]));
  }

  @Test
  void tokens() {
    String node = Token.node(2, "aac3178e146ba6f1fc6e6a4085e77f21", 0, "/", "/", "listener");
    assertEquals("@ros2_lv/2/aac3178e146ba6f1fc6e6a4085e77f21/0/0/NN/%/%/listener", node);
    String type = Token.ddsType("std_msgs/msg/String");
    assertEquals(
        LISTENER,
        Token.endpoint(node, 10, Token.SUBSCRIPTION, "/chatter", type, HASH, "::,10:,:,:,,"));
    assertEquals(
        "0/chatter/std_msgs::msg::dds_::String_/" + HASH, Token.dataKey(0, "/chatter", type, HASH));
    assertEquals("0/a/b/T/H", Token.dataKey(0, "/a/b/", "T", "H"));
  }

  @Test
  void tokensAreRead() {
    Token t = Token.parse(LISTENER);
    assertNotNull(t);
    assertEquals(new NodeName("listener", "/"), t.node());
    assertEquals("/chatter", t.name());
    assertEquals("std_msgs/msg/String", Token.rosType(t.type()));
    assertEquals(10, t.qos().depth());
    assertNotNull(Token.parse(LISTENER + "/backends:cpu:"), "Lyrical's 14th chunk");
    Token node = Token.parse("@ros2_lv/0/1/0/0/NN/%/%robot1%arm/n");
    assertNotNull(node);
    assertEquals("/robot1/arm/n", node.node().fullyQualified());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a/b",
        "@ros2_lv/0/1/0/0/NN/%/%",
        "@ros2_lv/0/1/0//NN/%/%/n",
        "@ros2_lv/0/1/0/1/MP/%/%/n",
        "@ros2_lv/0/1/0/1/MP/%/%/n/%t/T/H/::,10:,:",
        "@ros2_lv/0/1/0/1/MP/%/%/n/%t/T/H/x:y:z,10:,:,:,,",
        "@ros2_lv/0/1/0/1/XX/%/%/n/%t/T/H/::,10:,:,:,,",
        "@ros2_lv/0/1/0/1/MP/%/%/n/%t/T/H/::,-5:,:,:,,",
      })
  void otherTokensArePassedOver(String key) {
    assertNull(Token.parse(key));
  }

  @Test
  void qualityOfService() {
    assertEquals("::,10:,:,:,,", text(QosProfile.DEFAULT));
    assertEquals("2::,5:,:,:,,", text(QosProfile.SENSOR_DATA));
    assertEquals(":1:,1:,:,:,,", text(QosProfile.DEFAULT.keepLast(1).transientLocal()));
    assertEquals("::,:,:,:,,", text(QosProfile.SYSTEM_DEFAULT));
    assertEquals("::2,10:,:,:,,", text(QosProfile.DEFAULT.keepAll()));
    assertEquals("::,10:1,500000000:,:,,", text(QosProfile.DEFAULT.withDeadline(1_500_000_000L)));
    assertEquals(RmwQos.adapted(QosProfile.DEFAULT), RmwQos.parse("1:2:1,10:,:,:,,"));
  }

  private static String text(QosProfile q) {
    return RmwQos.text(RmwQos.adapted(q));
  }

  @Property(tries = 200)
  void qualityOfServiceComesBack(
      @ForAll @LongRange(min = 0) long deadline,
      @ForAll @LongRange(min = 0) long lease,
      @ForAll boolean local,
      @ForAll boolean reliable) {
    QosProfile q = QosProfile.DEFAULT.withDeadline(deadline);
    q = q.withLiveliness(QosProfile.Liveliness.MANUAL_BY_TOPIC, lease);
    q = local ? q.transientLocal() : q;
    q = RmwQos.adapted(reliable ? q : q.bestEffort());
    assertEquals(q, RmwQos.parse(RmwQos.text(q)));
  }

  @Test
  void attachment() {
    byte[] gid = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
    byte[] a = Attachment.of(gid);
    Attachment.stamp(a, 1, 1_700_000_000_000_000_000L);
    assertArrayEquals(
        HexFormat.of()
            .parseHex(
                "0100000000000000" + "00002a36fe9c9717" + "10" + HexFormat.of().formatHex(gid)),
        a);
  }

  @Test
  void configurationAsRmwZenohReadsIt() throws Exception {
    RmwConfig plain = RmwConfig.of(Map.of());
    assertEquals(Role.PEER, plain.session().role());
    assertEquals("[tcp/localhost:7447]", plain.session().connect().toString());
    assertEquals("[tcp/localhost:0]", plain.session().listen().toString());
    assertNull(plain.session().scouting());
    RmwConfig over =
        RmwConfig.of(
            Map.of(
                "ROS_DOMAIN_ID",
                "7",
                "ZENOH_CONFIG_OVERRIDE",
                "mode=\"client\";connect/endpoints=[\"tcp/10.0.0.1:7447\"]"));
    assertEquals(7, over.domain());
    assertEquals(Role.CLIENT, over.session().role());
    assertEquals("[tcp/10.0.0.1:7447]", over.session().connect().toString());
    Path file = Files.createTempFile("session", ".json5");
    try {
      Files.writeString(
          file,
          "{ // comment\n mode: 'peer', connect: { endpoints: { peer: ['tcp/h:1',], router: [] } },"
              + " scouting: { multicast: { enabled: true, interface: 'lo' } }, }");
      RmwConfig read = RmwConfig.of(Map.of("ZENOH_SESSION_CONFIG_URI", file.toString()));
      assertEquals("[tcp/h:1]", read.session().connect().toString());
      assertEquals("lo", read.session().scouting().networkInterface());
    } finally {
      Files.delete(file);
    }
    assertNull(over.library());
    for (String wrong : new String[] {"x", "999", "-1", "233"}) {
      assertThrows(BadInput.class, () -> RmwConfig.of(Map.of("ROS_DOMAIN_ID", wrong)));
    }
    assertThrows(
        BadInput.class, () -> RmwConfig.of(Map.of("ZENOH_CONFIG_OVERRIDE", "mode=\"router\"")));
    assertThrows(BadInput.class, () -> RmwConfig.of(Map.of("ZENOH_CONFIG_OVERRIDE", "mode")));
  }

  @Test
  void libzenohcGetsAllThatTheUserSaysOverWhatIsUsual() throws Exception {
    var usual = new ObjectMapper().readTree(RmwConfig.of(Map.of()).forLibrary());
    assertEquals("[\"tcp/localhost:0\"]", usual.at("/listen/endpoints").toString());
    assertEquals(false, usual.at("/scouting/multicast/enabled").booleanValue());
    assertEquals(false, usual.at("/transport/shared_memory/enabled").booleanValue());
    String override =
        "transport/shared_memory/enabled=true;connect/endpoints={peer: ['quic/robot:7447']}";
    Path library = Files.createTempFile("any", ".so");
    try {
      RmwConfig config =
          RmwConfig.of(
              Map.of("SACCADE_ZENOHC", library.toString(), "ZENOH_CONFIG_OVERRIDE", override));
      var all = new ObjectMapper().readTree(config.forLibrary());
      assertEquals(true, all.at("/transport/shared_memory/enabled").booleanValue());
      assertEquals("[\"quic/robot:7447\"]", all.at("/connect/endpoints/peer").toString());
      assertEquals("[\"tcp/localhost:0\"]", all.at("/listen/endpoints").toString());
      assertEquals(library.toAbsolutePath(), config.library());
    } finally {
      Files.delete(library);
    }
    BadInput java =
        assertThrows(BadInput.class, () -> RmwConfig.of(Map.of("ZENOH_CONFIG_OVERRIDE", override)));
    assertTrue(java.getMessage().contains("quic/robot:7447"), java.getMessage());
    assertThrows(
        BadInput.class,
        () ->
            RmwConfig.of(
                Map.of("SACCADE_ZENOHC", "/some/where", "ZENOH_CONFIG_OVERRIDE", "mode=\"peer\"")));
  }
}
