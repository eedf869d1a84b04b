package saccade.nodes.zenoh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import saccade.nodes.cli.BadInput;

class KeyExprTest {
  @ParameterizedTest
  @CsvSource({
    "a, a, true",
    "a, b, false",
    "a/b, a, false",
    "a/*, a/b, true",
    "a/*, a/b/c, false",
    "a/**, a, true",
    "a/**, a/b/c, true",
    "**, a/b, true",
    "**/c, a/b/c, true",
    "**/c, a/b, false",
    "a/**/c, a/c, true",
    "a/**/c/**/e, a/b/c/d/e, true",
    "a/*, */b, true",
    "a/**, **/b, true",
    "a/x, */b, false",
    "a/b$*, a/bcd, true",
    "a/b$*d, a/bcd, true",
    "a/b$*d, a/bce, false",
    "a/b$*, a/$*c, true",
    "a/b$*, a/c$*, false",
    "*/*, a, false",
    "@ros2_lv/0/**, @ros2_lv/0/1/NN, true",
    "**, @ros2_lv/0, false",
    "a/*, a/@adv, false",
    "a/**, a/@adv/pub, false",
    "a/@adv/**, a/@adv/pub/x/uhlc/_, true",
    "**/@adv/**, 0/t/@adv/pub/z/1/_, true",
  })
  void intersectsBothWays(String a, String b, boolean expected) {
    assertEquals(expected, KeyExpr.intersects(a, b));
    assertEquals(expected, KeyExpr.intersects(b, a));
  }

  @ParameterizedTest
  @CsvSource({
    "a/**, a/b/*, true",
    "a/*, a/**, false",
    "a/*, a/b$*, true",
    "a/b$*, a/*, false",
    "a/b$*, a/bc$*, true",
    "**, a/**, true",
    "**, @a, false",
    "a, a, true",
  })
  void includes(String a, String b, boolean expected) {
    assertEquals(expected, KeyExpr.includes(a, b));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "/a", "a/", "a//b", "a/**/**", "a#", "a?b", "a$b", "a*", "$*", "**/*"})
  void refusesWhatIsNotCanonical(String key) {
    BadInput e = assertThrows(BadInput.class, () -> KeyExpr.check(key));
    assertTrue(String.valueOf(e.getMessage()).contains("'" + key + "'"));
  }

  @Provide
  Arbitrary<String> keys() {
    return Arbitraries.of("a", "b", "*", "**", "@v", "x$*", "$*y", "xy")
        .list()
        .ofMinSize(1)
        .ofMaxSize(5)
        .map(chunks -> String.join("/", chunks));
  }

  @Property
  void includingImpliesMeeting(@ForAll("keys") String a, @ForAll("keys") String b) {
    assertEquals(KeyExpr.intersects(a, b), KeyExpr.intersects(b, a));
    if (KeyExpr.includes(a, b)) {
      assertTrue(KeyExpr.intersects(a, b), a + " includes " + b);
    }
    assertTrue(KeyExpr.includes(a, a));
  }

  @Test
  void manyWildcardsTakeNoLongTime() {
    String a = "**/a/".repeat(400) + "b";
    String b = "a/".repeat(800) + "c";
    assertFalse(assertTimeoutPreemptively(Duration.ofSeconds(5), () -> KeyExpr.intersects(a, b)));
  }
}
