package saccade.nodes.idl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Whatever a definition says: structures with a hash and Java source, or one line. JAZZER_FUZZ=1
 * looks for more.
 */
class IdlFuzzTest {
  @FuzzTest
  void definition(FuzzedDataProvider data) {
    String kind = data.pickValue(new String[] {"msg", "srv", "action"});
    String name = "fuzz_msgs/" + kind + "/Fuzz";
    try {
      Definition definition = IdlParser.parse(name, data.consumeRemainingAsString());
      Definitions known = Definitions.shipped().add(definition);
      assertEquals(71, known.typeHash(name).length());
      assertFalse(JavaSource.of(definition, known).isEmpty());
    } catch (IdlFault fault) {
      String line = String.valueOf(fault.getMessage());
      assertFalse(line.contains("\n"), line);
    }
  }
}
