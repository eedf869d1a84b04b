package saccade.nodes.rcl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import saccade.nodes.ros.Peers;

/**
 * Images of 6 MB and clouds of 3 MB, reliable, both ways, with {@code
 * launch/ros/fastdds-large-data.xml}: none may be lost. 10 of each in the normal run; 1000 with
 * {@code -Dsaccade.test.long=true} (four minutes a distro).
 */
class RclBulkTest {

  static final List<String> DISTROS = Peers.DISTROS;
  private static final String PERIOD_S = "0.05";

  @ParameterizedTest
  @FieldSource("DISTROS")
  void shouldLoseNoLargeMessage(String distro, @TempDir Path folder) throws Exception {
    Peers.Peer peer = Peers.ros(distro);
    boolean full = Boolean.getBoolean("saccade.test.long");
    String count = full ? "1000" : "10";
    String script = PeerProcess.script("bulk_peer.py", folder).toString();
    Path profile = Path.of("..", "launch", "ros", "fastdds-large-data.xml").toAbsolutePath();
    Assumptions.assumeTrue(Files.exists(profile), "not run in the repository: no " + profile);
    for (boolean javaSends : new boolean[] {true, false}) {
      ProcessBuilder java =
          peer.javaProcess(BulkPeer.class, javaSends ? "send" : "receive", count, count, PERIOD_S);
      ProcessBuilder python =
          peer.pythonProcess(script, javaSends ? "receive" : "send", count, count, PERIOD_S);
      for (ProcessBuilder builder : List.of(java, python)) {
        // Fast DDS 2 (Jazzy) knows the one name, 3 (Kilted) the other.
        builder
            .environment()
            .put(
                distro.equals("jazzy")
                    ? "FASTRTPS_DEFAULT_PROFILES_FILE"
                    : "FASTDDS_DEFAULT_PROFILES_FILE",
                profile.toString());
      }
      int domain = PeerProcess.domain(20 + DISTROS.indexOf(distro));
      try (PeerProcess receiver = new PeerProcess("receiver", javaSends ? python : java, domain);
          PeerProcess sender = new PeerProcess("sender", javaSends ? java : python, domain)) {
        int seconds = full ? 200 : 30;
        String images = receiver.await("got " + count + " of " + count + " images", seconds);
        String clouds = receiver.await("got " + count + " of " + count + " clouds", seconds);
        assertTrue(images.toLowerCase(Locale.ROOT).endsWith("in order true"), images);
        assertTrue(clouds.toLowerCase(Locale.ROOT).endsWith("in order true"), clouds);
        assertEquals(0, sender.exit(30), () -> String.join("\n", sender.lines()));
        assertEquals(0, receiver.exit(30), () -> String.join("\n", receiver.lines()));
        assertEquals(List.of(), receiver.saying("wrong"));
        assertEquals(List.of(), receiver.saying("lost"));
      }
    }
  }
}
