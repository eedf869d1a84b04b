package saccade.nodes.idl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import saccade.msg.KnownTestTypes;
import saccade.msg.KnownTypes;
import saccade.nodes.cdr.MessageType;
import saccade.nodes.cdr.ServiceType;
import saccade.nodes.cdr.TestDefinitions;
import saccade.nodes.ros.Peers;

class TypeHashTest {
  /** Published values and values computed by another implementation from upstream's files. */
  private static final String GOLDEN =
      """
    std_msgs/msg/Header f49fb3ae2cf070f793645ff749683ac6b06203e41c891e17701b1cb597ce6a01
    std_msgs/msg/String df668c740482bbd48fb39d76a70dfd4bd59db1288021743503259e948f6b1a18
    std_msgs/msg/Empty 20b625256f32d5dbc0d04fee44f43c41e51c70d3502f84b4a08e7a9c26a96312
    std_msgs/msg/Int32 b6578ded3c58c626cfe8d1a6fb6e04f706f97e9f03d2727c9ff4e74b1cef0deb
    builtin_interfaces/msg/Time b106235e25a4c5ed35098aa0a61a3ee9c9b18d197f398b0e4206cea9acf9c197
    builtin_interfaces/msg/Duration e8d009f659816f758b75334ee1a9ca5b5c0b859843261f14c7f937349599d93b
    sensor_msgs/msg/Image d31d41a9a4c4bc8eae9be757b0beed306564f7526c88ea6a4588fb9582527d47
    sensor_msgs/msg/CompressedImage 15640771531571185e2efc8a100baf923961a4d15d5569652e6cb6691e8e371a
    sensor_msgs/msg/CameraInfo b3dfd68ff46c9d56c80fd3bd4ed22c7a4ddce8c8348f2f59c299e73118e7e275
    sensor_msgs/msg/PointCloud2 9198cabf7da3796ae6fe19c4cb3bdd3525492988c70522628af5daa124bae2b5
    sensor_msgs/msg/PointField 5c6a4750728c2bcfbbf7037225b20b02d4429634732146b742dee1726637ef01
    sensor_msgs/msg/RegionOfInterest ad16bcba5f9131dcdba6fbded19f726f5440e3c513b4fb586dd3027eeed8abb1
    sensor_msgs/msg/Imu 7d9a00ff131080897a5ec7e26e315954b8eae3353c3f995c55faf71574000b5b
    sensor_msgs/msg/NavSatFix 62223ab3fe210a15976021da7afddc9e200dc9ec75231c1b6a557fc598a65404
    sensor_msgs/msg/LaserScan 64c191398013af96509d518dac71d5164f9382553fce5c1f8cca5be7924bd828
    geometry_msgs/msg/Twist 9c45bf16fe0983d80e3cfe750d6835843d265a9a6c46bd2e609fcddde6fb8d2a
    geometry_msgs/msg/TwistStamped 5f0fcd4f81d5d06ad9b4c4c63e3ea51b82d6ae4d0558f1d475229b1121db6f64
    geometry_msgs/msg/Vector3 cc12fe83e4c02719f1ce8070bfd14aecd40f75a96696a67a2a1f37f7dbb0765d
    geometry_msgs/msg/Point 6963084842a9b04494d6b2941d11444708d892da2f4b09843b9c43f42a7f6881
    geometry_msgs/msg/Quaternion 8a765f66778c8ff7c8ab94afcc590a2ed5325a1d9a076ffff38fbce36f458684
    geometry_msgs/msg/Pose d501954e9476cea2996984e812054b68026ae0bfae789d9a10b23daf35cc90fa
    geometry_msgs/msg/PoseStamped 10f3786d7d40fd2b54367835614bff85d4ad3b5dab62bf8bca0cc232d73b4cd8
    geometry_msgs/msg/PoseWithCovariance 9a7c0fd234b7f45c6098745ecccd773ca1085670e64107135397aee31c02e1bb
    geometry_msgs/msg/TwistWithCovariance 49f574f033f095d8b6cd1beaca5ca7925e296e84af1716d16c89d38b059c8c18
    geometry_msgs/msg/TransformStamped 0a241f87d04668d94099cbb5ba11691d5ad32c2f29682e4eb5653424bd275206
    nav_msgs/msg/Odometry 3cc97dc7fb7502f8714462c526d369e35b603cfc34d946e3f2eda2766dfec6e0
    nav_msgs/msg/Path 1957a5bb3cee5da65c4e52e52b65a93df227efce4c20f8458b36e73066ca334b
    vision_msgs/msg/Detection2DArray 214274120007f4a683866481336b70310268cfa107aebe9d594a6acf75bda968
    vision_msgs/msg/Detection2D 0d12b69df5c593b3455b7346fac8205437a7d4bcb09b9e0e0b2dde787ded38ea
    vision_msgs/msg/Detection3DArray 793f5eab9595ac1c0da07873cc859db42eae51f0ee76056db8562515d830e018
    vision_msgs/msg/Detection3D ddd703be132ab0b69d33121f1bb034132bfbb3b0ac5f9fb1516005ba1c8a265b
    vision_msgs/msg/ObjectHypothesisWithPose 41c12344c0396c48b81df12467c192d99b2a0eb1463c5c37194e4223251c80bc
    diagnostic_msgs/msg/DiagnosticArray 5a8a36efb05fb25070fa0fb3810290c0e6cd4862b54a8fb975a1ee8dc55a333e
    diagnostic_msgs/msg/DiagnosticStatus b0e3e692ea2d54a8af2f4ef1930e81556a2db55216b771f8a7d2724ed47bf0e4
    tf2_msgs/msg/TFMessage e369d0f05a23ae52508854b66f6aa0437f3449d652e8cbf22d5abe85d020f087
    ackermann_msgs/msg/AckermannDrive acf287a224a947dd1b0b87d6d76cdb73f497b0237b8fc73be2173b2ebbb82c99
    ackermann_msgs/msg/AckermannDriveStamped 48ca7612a08d3bb72744fd98b71b7cf2ea24c6ad50fa4e1aa0bbad963c90d8cf
    visualization_msgs/msg/Marker 45b13ccf791f225962bf74e746f9644518855d783a6f42ba0cc14fde2b4f3ce0
    visualization_msgs/msg/MarkerArray 86cb8800b6fb05b5eff1abd7a56f62a5641d3ae9a1c29e78e67e704f1d067dcf
    autoware_control_msgs/msg/Control 7818be59aa790ebb777db06e55a2c15e3756de4cc35c80b1e8271afc5bab2e9d
    rosgraph_msgs/msg/Clock 692f7a66e93a3c83e71765d033b60349ba68023a8c689a79e48078bcb5c58564
    rcl_interfaces/msg/ParameterEvent 043e627780fcad87a22d225bc2a037361dba713fca6a6b9f4b869a5aa0393204
    rcl_interfaces/msg/Log e28ce254ca8abc06abf92773b74602cdbf116ed34fbaf294fb9f81da9f318eac
    rcl_interfaces/msg/Parameter ddfe6442cffc462317adb5c92536a7b6dd55858c5c3e1e328165a6b73c2831af
    rcl_interfaces/msg/ParameterDescriptor 52175dbfda6c51153101d33d2a9da05743f66f02d5ab2ca9ec4709b46b73d704
    example_interfaces/srv/AddTwoInts e118de6bf5eeb66a2491b5bda11202e7b68f198d6f67922cf30364858239c81a
    std_srvs/srv/SetBool abe9e4bb6b41b40e6789712c00ec8871923e089af3f667a79992a428cff2da0a
    std_srvs/srv/Trigger eeff2cd6fa5ad9d27cdf4dec64818317839b62f212a91e6b5304b634b2062c5f
    rcl_interfaces/srv/GetParameters bf9803d5c74cf989a5de3e0c2e99444599a627c7ff75f97b8c05b01003675cbc
    rcl_interfaces/srv/ListParameters 3e6062bfbb27bfb8730d4cef2558221f51a11646d78e7bb30a1e83afac3aad9d
    rcl_interfaces/srv/SetParameters 56eed9a67e169f9cb6c1f987bc88f868c14a8fc9f743a263bc734c154015d7e0
    rcl_interfaces/srv/SetParametersAtomically 0e192ef259c07fc3c07a13191d27002222e65e00ccec653ca05e856f79285fcd
    rcl_interfaces/srv/DescribeParameters 845b484d71eb0673dae682f2e3ba3c4851a65a3dcfb97bddd82c5b57e91e4cff
    rcl_interfaces/srv/GetParameterTypes da199c878688b3e530bdfe3ca8f74cb9fa0c303101e980a9e8f260e25e1c80ca
    type_description_interfaces/srv/GetTypeDescription 69b9c19c1021405984cc60dbbb1edceb147a6538b411d812ba6afabeed962cd5
    lifecycle_msgs/srv/ChangeState 356fe34f0475a43acf54542013af4167b0e729f77ea22ffb045c6ad8e20668e5
    lifecycle_msgs/srv/GetState 800a0a5aae599782b02932de0caf563f6dc4e7e94b794eadde075ba2cbef9795
    lifecycle_msgs/msg/TransitionEvent d5f8873a2f0146498f812d7885c7327ce27e463d36811d8792f35ee38c0d6c38
    foxglove_msgs/msg/ImageAnnotations bc4e578b1ef80953415d6f966a4cab305c8a44c8b64fc405312b6f06a08fc45e
    carla_msgs/msg/CarlaEgoVehicleControl 4f251fa2a554e8ed996f77eb1d5b65515af1369eceb04d5122cb5761f7801be3
      """;

  private final Definitions definitions = TestDefinitions.all();

  @Test
  void shouldEqualTheGoldenHashes() {
    List<String[]> rows =
        GOLDEN
            .lines()
            .map(String::strip)
            .filter(row -> !row.isEmpty())
            .map(row -> row.split(" "))
            .toList();
    assertEquals(60, rows.size());
    for (String[] row : rows) {
      assertEquals("RIHS01_" + row[1], definitions.typeHash(row[0]), row[0]);
    }
  }

  @Test
  void shouldPutTheHashesIntoTheGeneratedTypes() {
    for (String name : KnownTypes.messageNames()) {
      MessageType<?> type = KnownTypes.message(name);
      assertNotNull(type, name);
      assertEquals(name, type.rosName());
      assertEquals(definitions.typeHash(name), type.typeHash(), name);
    }
    for (String name : KnownTypes.serviceNames()) {
      ServiceType<?, ?> type = KnownTypes.service(name);
      assertNotNull(type, name);
      assertEquals(definitions.typeHash(name), type.typeHash(), name);
      assertEquals(name + "_Request", type.request().rosName());
      assertEquals(name + "_Response", type.response().rosName());
    }
  }

  @Test
  void shouldHashTheOlderLayoutOfImageAnnotationsToo() {
    Definitions older = new Definitions();
    older.add(IdlParser.parse("builtin_interfaces/msg/Time", "int32 sec\nuint32 nanosec"));
    older.add(IdlParser.parse("foxglove_msgs/msg/Point2", "float64 x\nfloat64 y"));
    older.add(
        IdlParser.parse("foxglove_msgs/msg/Color", "float64 r\nfloat64 g\nfloat64 b\nfloat64 a"));
    for (String name : List.of("Circle", "Points", "Text")) {
      String now = Definitions.shippedText("foxglove_msgs/msg/" + name + "Annotation");
      older.add(
          IdlParser.parse(
              "foxglove_msgs/msg/" + name + "Annotation", now.replaceAll("\\S+ metadata\n", "")));
    }
    older.add(
        IdlParser.parse(
            "foxglove_msgs/msg/ImageAnnotations",
            "CircleAnnotation[] circles\nPointsAnnotation[] points\nTextAnnotation[] texts"));
    assertEquals(
        "RIHS01_47c6c0891ba263ec1b20d9b785c4261d4bc41051cbcc01668130e36aa2dcaee3",
        older.typeHash("foxglove_msgs/msg/ImageAnnotations"));
  }

  @Test
  void shouldWriteTheCanonicalTextOfString() {
    assertEquals(
        "{\"type_description\": {\"type_name\": \"std_msgs/msg/String\", \"fields\": [{\"name\": \"data\", \"type\":"
            + " {\"type_id\": 17, \"capacity\": 0, \"string_capacity\": 0, \"nested_type_name\": \"\"}}]},"
            + " \"referenced_type_descriptions\": []}",
        definitions.canonical("std_msgs/msg/String"));
  }

  /**
   * Every type that the peer has of a package of ours: we have it, and with the peer's own hash.
   */
  @ParameterizedTest
  @ValueSource(strings = {"jazzy", "kilted"})
  void shouldEqualThePeersOwnHashes(String distro) throws IOException {
    Path share = Peers.ros(distro).folder().resolve("share");
    Map<String, String> theirs = hashes(share);
    Set<String> packages = new TreeSet<>();
    Stream.concat(KnownTypes.messageNames().stream(), KnownTestTypes.messageNames().stream())
        .forEach(name -> packages.add(name.substring(0, name.indexOf('/'))));
    int compared = 0;
    for (Map.Entry<String, String> each : theirs.entrySet()) {
      String name = each.getKey();
      // Defined as IDL only, a form that we do not read.
      boolean idlOnly =
          name.matches(
              "test_msgs/msg/(ComplexNestedKey|KeyedLong|KeyedString|NonKeyedWithNestedKey)");
      if (packages.contains(name.substring(0, name.indexOf('/'))) && !idlOnly) {
        assertEquals(each.getValue(), definitions.typeHash(name), name);
        compared++;
      }
    }
    assertTrue(compared > 250, "compared only " + compared);
  }

  /**
   * What no wheel has (vision, Autoware, CARLA, our own): the distro's own rosidl makes the hashes
   * from our files.
   */
  @Test
  void shouldEqualTheHashesThatTheirRosidlMakes(@TempDir Path folder) throws Exception {
    Process rosidl =
        Peers.ros("kilted")
            .pythonProcess(
                "../hil-tests/peers/rosidl_peer.py",
                folder.toString(),
                "src/main/ros",
                "../launch/ros",
                "src/test/ros")
            .start();
    String said = new String(rosidl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, rosidl.waitFor(), said);
    Map<String, String> theirs = hashes(folder);
    theirs.forEach((name, hash) -> assertEquals(hash, definitions.typeHash(name), name));
    for (String name :
        List.of(
            "vision_msgs/msg/Detection3DArray",
            "saccade_msgs/msg/PlannerMessage",
            "carla_msgs/msg/CarlaStatus",
            "tf2_msgs/action/LookupTransform_SendGoal")) {
      assertTrue(theirs.containsKey(name), name);
    }
    assertTrue(theirs.size() > 120, "compared only " + theirs.size());
  }

  private static Map<String, String> hashes(Path root) throws IOException {
    ObjectMapper json = new ObjectMapper();
    Map<String, String> hashes = new HashMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file :
          files
              .filter(each -> each.toString().matches(".*/(msg|srv|action)/\\w+\\.json"))
              .toList()) {
        for (JsonNode each : json.readTree(file.toFile()).get("type_hashes")) {
          hashes.put(each.get("type_name").asText(), each.get("hash_string").asText());
        }
      }
    }
    return hashes;
  }
}
