package saccade.nodes.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {
  private static CommandLine tree(String... words) {
    return Main.commandLine(words);
  }

  @Test
  void onlyTheVerbThatIsNamedIsMade() {
    assertEquals(Set.of("demo", "help"), tree("demo", "--headless").getSubcommands().keySet());
    CommandLine root = tree("model", "inspect", "somewhere");
    assertEquals(Set.of("model", "help"), root.getSubcommands().keySet());
    CommandLine model = root.getSubcommands().get("model");
    assertEquals(Set.of("inspect"), model.getSubcommands().keySet());
    assertEquals(
        "saccade model inspect",
        model.getSubcommands().get("inspect").getCommandSpec().qualifiedName(" "));
  }

  @Test
  void whatNamesNoVerbFindsThemAll() {
    Set<String> all = Main.commandLine().getSubcommands().keySet();
    assertTrue(all.size() > 8, all.toString());
    for (String line :
        new String[] {"", "--help", "help demo", "model", "model inspekt", "inspect"}) {
      assertEquals(all, tree(line.split(" ")).getSubcommands().keySet(), line);
    }
    assertEquals(all, tree().getSubcommands().keySet());
  }
}
