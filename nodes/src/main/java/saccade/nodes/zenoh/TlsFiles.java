package saccade.nodes.zenoh;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import saccade.nodes.cli.BadInput;

/** Keys and certificates from PEM files, as a Zenoh configuration names them. */
public final class TlsFiles {
  private static final long MAX_BYTES = 1 << 20;

  private TlsFiles() {}

  /**
   * @param authorities certificates trusted; null: those of the Java installation
   * @param certificate ours, with those between it and an authority; null: none
   * @param key its private key, PKCS 8 (BEGIN PRIVATE KEY); null exactly when {@code certificate}
   *     is
   */
  public static SSLContext context(
      @Nullable Path authorities, @Nullable Path certificate, @Nullable Path key) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(authorities == null ? null : store(certificates(authorities)));
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      KeyStore ours = store(java.util.List.of());
      if (certificate != null && key != null) {
        Certificate[] chain = certificates(certificate).toArray(Certificate[]::new);
        ours.setKeyEntry("ours", privateKey(key), new char[0], chain);
      } else if (certificate != null || key != null) {
        throw new BadInput(
            "Zenoh TLS: certificate " + certificate + " and private key " + key + "; wanted both");
      }
      keys.init(ours, new char[0]);
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new BadInput("Zenoh TLS: " + e.getMessage());
    }
  }

  private static KeyStore store(Collection<? extends Certificate> certificates)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int i = 0;
    for (Certificate c : certificates) {
      store.setCertificateEntry("ca" + i++, c);
    }
    return store;
  }

  private static byte[] read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new BadInput("Zenoh TLS: " + file + " is larger than 1 MiB; wanted a PEM file");
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new BadInput("Zenoh TLS: cannot read " + file + ": " + e.getMessage());
    }
  }

  private static Collection<? extends Certificate> certificates(Path file)
      throws GeneralSecurityException {
    Collection<? extends Certificate> all =
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(read(file)));
    if (all.isEmpty()) {
      throw new BadInput("Zenoh TLS: no certificate in " + file);
    }
    return all;
  }

  private static PrivateKey privateKey(Path file) throws GeneralSecurityException {
    String pem = new String(read(file), StandardCharsets.US_ASCII);
    String begin = "-----BEGIN PRIVATE KEY-----";
    int from = pem.indexOf(begin);
    int to = pem.indexOf("-----END PRIVATE KEY-----");
    if (from < 0 || to < from) {
      throw new BadInput(
          "Zenoh TLS: no '" + begin + "' in " + file + "; openssl pkcs8 -topk8 -nocrypt makes one");
    }
    byte[] der;
    try {
      der = Base64.getMimeDecoder().decode(pem.substring(from + begin.length(), to));
    } catch (IllegalArgumentException e) {
      throw new BadInput("Zenoh TLS: " + file + " is no Base64 between its marks");
    }
    for (String algorithm : new String[] {"RSA", "EC", "EdDSA"}) {
      PrivateKey key = privateKey(algorithm, der);
      if (key != null) {
        return key;
      }
    }
    throw new BadInput("Zenoh TLS: the key in " + file + " is none of RSA, EC, EdDSA");
  }

  private static @Nullable PrivateKey privateKey(String algorithm, byte[] der)
      throws GeneralSecurityException {
    try {
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (InvalidKeySpecException e) {
      return null; // of another algorithm
    }
  }
}
