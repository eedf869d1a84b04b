package saccade.nodes.inspect;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;
import saccade.nodes.cli.Main;

/**
 * Our side of {@link VerbsInteropTest}: command lines from standard input, words separated by tabs;
 * of each the exit code and what it printed. One JVM, so that the test is quick.
 */
public final class VerbsPeer {
  private VerbsPeer() {}

  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    System.out.println("up");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      StringWriter out = new StringWriter();
      CommandLine command = Main.commandLine();
      command.setOut(new PrintWriter(out, true));
      command.setErr(new PrintWriter(out, true));
      int code = command.execute(line.split("\t"));
      System.out.println(
          line.replace("\t", " ") + " => " + code + " " + out.toString().replace("\n", "\\n"));
    }
  }
}
