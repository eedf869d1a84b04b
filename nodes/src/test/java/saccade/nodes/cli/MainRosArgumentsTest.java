package saccade.nodes.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

class MainRosArgumentsTest {
  @Test
  void rosArgumentsTravelAsOneValueAndEndAtTwoDashes() {
    assertArrayEquals(
        new String[] {"run", "g.yaml", "--ros-args=-r\na:=/b\n-p\nx:=1", "--headless"},
        Main.withRosArguments(
            "run", "g.yaml", "--ros-args", "-r", "a:=/b", "-p", "x:=1", "--", "--headless"));
    assertArrayEquals(
        new String[] {"run", "g.yaml", "--ros-args="},
        Main.withRosArguments("run", "g.yaml", "--ros-args"));
    String[] other = {"topic", "list", "--ros-args", "-r", "a:=b"};
    assertSame(other, Main.withRosArguments(other));
  }
}
