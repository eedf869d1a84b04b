package saccade.nodes.zenoh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import saccade.nodes.cli.BadInput;
import saccade.nodes.zenoh.ZenohSession.PublisherOptions;

/** TLS with certificates on both sides, made by openssl for the test. */
class TlsTest {
  @TempDir static Path folder;

  @BeforeAll
  static void certificates() throws Exception {
    String subject = "/CN=127.0.0.1";
    String names = "subjectAltName=IP:127.0.0.1,DNS:localhost";
    run(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test-ca -keyout ca.key -out ca.pem");
    for (String who : new String[] {"one", "two"}) {
      run(
          "openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "
              + subject
              + " -keyout "
              + who
              + ".key -out "
              + who
              + ".csr -addext "
              + names);
      run(
          "openssl x509 -req -in "
              + who
              + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2"
              + " -copy_extensions copy -out "
              + who
              + ".pem");
    }
    run(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=stranger -keyout x.key -out x.pem");
  }

  private static void run(String command) throws Exception {
    try {
      Process p =
          new ProcessBuilder(List.of(command.split(" ")))
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      Assumptions.assumeTrue(p.waitFor() == 0, "openssl cannot make certificates: " + command);
    } catch (IOException e) {
      Assumptions.abort("no openssl to make certificates with");
    }
  }

  private static SSLContext context(String authority, String who) {
    return TlsFiles.context(
        folder.resolve(authority), folder.resolve(who + ".pem"), folder.resolve(who + ".key"));
  }

  private static ZenohSession listening() {
    return ZenohSession.open(
        ZenohConfig.builder(Role.PEER)
            .listen("tls/127.0.0.1:0")
            .tls(context("ca.pem", "one"), true, true)
            .build());
  }

  private static ZenohSession dialling(ZenohSession to, SSLContext with) {
    return ZenohSession.open(
        ZenohConfig.builder(Role.CLIENT)
            .connect(to.listening().get(0).toString())
            .tls(with, true, true)
            .build());
  }

  @Test
  void largeAndSmallBothWays() throws Exception {
    try (ZenohSession a = listening();
        ZenohSession b = dialling(a, context("ca.pem", "two"));
        Arena arena = Arena.ofShared()) {
      assertTrue(b.awaitLink(Duration.ofSeconds(60)), b.counts() + " / " + a.counts());
      var got = new LinkedBlockingQueue<byte[]>();
      b.declareSubscriber("k", x -> got.add(x.payload().toArray(ValueLayout.JAVA_BYTE)));
      a.declareSubscriber("j", x -> got.add(x.payload().toArray(ValueLayout.JAVA_BYTE)));
      Random random = new Random(5);
      for (ZenohPublisher p :
          List.of(
              a.declarePublisher("k", PublisherOptions.BLOCKING),
              b.declarePublisher("j", PublisherOptions.BLOCKING))) {
        Thread.sleep(200);
        for (int n : new int[] {1, 5000, 70_000, 300_000}) {
          byte[] data = new byte[n];
          random.nextBytes(data);
          MemorySegment m = arena.allocate(n);
          MemorySegment.copy(data, 0, m, ValueLayout.JAVA_BYTE, 0, n);
          p.put(m, n, null);
          byte[] there = got.poll(60, TimeUnit.SECONDS);
          assertNotNull(there, n + " bytes");
          assertArrayEquals(data, there);
        }
      }
    }
  }

  @Test
  void strangersGetNoLink() throws Exception {
    try (ZenohSession a = listening()) {
      try (ZenohSession b = dialling(a, TlsFiles.context(folder.resolve("ca.pem"), null, null))) {
        assertFalse(b.awaitLink(Duration.ofSeconds(1)), "without a certificate");
      }
      try (ZenohSession b = dialling(a, context("ca.pem", "x"))) {
        assertFalse(b.awaitLink(Duration.ofSeconds(1)), "with a certificate of nobody we know");
      }
      try (ZenohSession b = dialling(a, context("x.pem", "two"))) {
        assertFalse(b.awaitLink(Duration.ofSeconds(1)), "who does not know us");
        assertTrue(b.counts().get(ZenohFault.Kind.TLS) > 0, b.counts().toString());
      }
      assertTrue(a.peers().isEmpty());
      assertTrue(a.counts().get(ZenohFault.Kind.TLS) > 0, a.counts().toString());
    }
  }

  @Test
  void theOfficialRouter() throws Exception {
    int port = ZenohPeer.freePort();
    String at = "tls/127.0.0.1:" + port;
    String prefix = "transport/link/tls/";
    try (ZenohPeer router =
            ZenohPeer.start(
                "router",
                "listen",
                at,
                prefix + "root_ca_certificate=\"" + folder.resolve("ca.pem") + "\"",
                prefix + "listen_certificate=\"" + folder.resolve("one.pem") + "\"",
                prefix + "listen_private_key=\"" + folder.resolve("one.key") + "\"",
                prefix + "enable_mtls=true");
        ZenohSession s =
            ZenohSession.open(
                ZenohConfig.builder(Role.CLIENT)
                    .connect(at)
                    .tls(context("ca.pem", "two"), true, true)
                    .build())) {
      assertTrue(s.awaitLink(Duration.ofSeconds(60)), s.counts().toString());
      router.tell("echo there back");
      var got = new LinkedBlockingQueue<Long>();
      s.declareSubscriber("back", x -> got.add(x.payload().byteSize()));
      ZenohPublisher p = s.declarePublisher("there", PublisherOptions.BLOCKING);
      router.settle(s);
      p.put(MemorySegment.ofArray(new byte[300_000]), 300_000, null);
      assertTrue(Long.valueOf(300_000).equals(got.poll(60, TimeUnit.SECONDS)));
    }
  }

  @Test
  void wrongFilesAreOneLine() {
    Path ca = folder.resolve("ca.pem");
    Path key = folder.resolve("one.key");
    assertThrows(BadInput.class, () -> TlsFiles.context(folder.resolve("none.pem"), null, null));
    assertThrows(BadInput.class, () -> TlsFiles.context(ca, ca, null));
    assertThrows(BadInput.class, () -> TlsFiles.context(key, null, null));
    assertThrows(BadInput.class, () -> TlsFiles.context(ca, ca, ca));
  }
}
