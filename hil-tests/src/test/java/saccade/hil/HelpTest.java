package saccade.hil;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import saccade.nodes.cli.Main;

class HelpTest {
  private static void all(CommandLine command, List<CommandLine> into) {
    into.add(command);
    command.getSubcommands().values().forEach(sub -> all(sub, into));
  }

  private static List<CommandLine> all() {
    List<CommandLine> all = new ArrayList<>();
    all(Main.commandLine(), all);
    assertTrue(all.size() > 40, all.size() + " commands");
    return all;
  }

  /** The list of verbs shows the first part of a description and no more. */
  @Test
  void aDescriptionBeginsWithAWholeSentence() {
    for (CommandLine command : all()) {
      String[] description = command.getCommandSpec().usageMessage().description();
      String name = command.getCommandSpec().qualifiedName(" ");
      assertTrue(description.length > 0, name);
      assertTrue(description[0].endsWith("."), name + ": " + description[0]);
    }
  }

  /** A per cent sign in a text is written twice; picocli warns of what it cannot format. */
  @Test
  void everyHelpTextCanBeFormatted() {
    ByteArrayOutputStream warned = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(warned, true, StandardCharsets.UTF_8));
    try {
      all().forEach(CommandLine::getUsageMessage);
    } finally {
      System.setErr(before);
    }
    assertEquals("", warned.toString(StandardCharsets.UTF_8));
  }
}
