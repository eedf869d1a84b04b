package saccade.perception.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Set-up only. An ONNX graph with more outputs: values inside it that it does not put out by
 * itself. Nothing is recompiled: a model is a protobuf message, and appending a message that has
 * only more outputs in it merges the two (Protocol Buffers encoding, "last one wins" for fields,
 * lists are joined). The bytes are walked far enough to find the name of the value.
 *
 * @param model bytes of the graph with its new outputs
 * @param outputs their names, in the order asked for
 */
record GraphTap(byte[] model, List<String> outputs) {
  private static final int GRAPH_OF_MODEL = 7;
  private static final int NODE_OF_GRAPH = 1;
  private static final int OUTPUT_OF_GRAPH = 12;
  private static final int INPUT_OF_NODE = 1;
  private static final int OUTPUT_OF_NODE = 2;
  private static final int TYPE_OF_NODE = 4;
  private static final int NAME_OF_VALUE = 1;
  private static final int BYTES = 2; // wire type of strings and messages

  /** What to put out of the last operator of a type. */
  enum Value {
    /** Its first output. */
    OUTPUT,
    /** Its first two inputs. */
    FIRST_INPUTS
  }

  /**
   * Reads a graph and adds outputs.
   *
   * @param type operator, e.g. {@code Softmax}; the last one in the graph counts
   * @throws EngineException in one line when the graph cannot be read or has no such operator
   */
  static GraphTap of(Path file, String type, Value value) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new EngineException(file + ": cannot read it: " + e.getMessage(), e);
    }
    List<String> names = new ArrayList<>();
    try {
      Cursor model = new Cursor(bytes, 0, bytes.length);
      while (model.next()) {
        if (model.field == GRAPH_OF_MODEL && model.wire == BYTES) {
          Cursor graph = model.inside();
          while (graph.next()) {
            if (graph.field == NODE_OF_GRAPH && graph.wire == BYTES) {
              List<String> found = wanted(graph.inside(), type, value);
              names = found.isEmpty() ? names : found;
            }
          }
        }
      }
    } catch (IndexOutOfBoundsException e) {
      throw new EngineException(file + ": found no whole ONNX graph, cannot read it further", e);
    }
    if (names.isEmpty()) {
      throw new EngineException(
          file + ": found no operator " + type + ", wanted one whose values can be put out");
    }
    return new GraphTap(append(bytes, names), List.copyOf(names));
  }

  private static List<String> wanted(Cursor node, String type, Value value) {
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    String found = "";
    while (node.next()) {
      if (node.wire == BYTES) {
        switch (node.field) {
          case INPUT_OF_NODE -> inputs.add(node.text());
          case OUTPUT_OF_NODE -> outputs.add(node.text());
          case TYPE_OF_NODE -> found = node.text();
          default -> {} // attributes, names
        }
      }
    }
    int count = value == Value.OUTPUT ? 1 : 2;
    List<String> all = value == Value.OUTPUT ? outputs : inputs;
    return found.equals(type) && all.size() >= count ? all.subList(0, count) : List.of();
  }

  private static byte[] append(byte[] model, List<String> names) {
    byte[] outputs = new byte[0];
    for (String name : names) {
      byte[] info = field(NAME_OF_VALUE, name.getBytes(StandardCharsets.UTF_8));
      outputs = joined(outputs, field(OUTPUT_OF_GRAPH, info));
    }
    return joined(model, field(GRAPH_OF_MODEL, outputs));
  }

  private static byte[] field(int number, byte[] content) {
    byte[] head = new byte[6];
    int n = 0;
    head[n++] = (byte) (number << 3 | BYTES);
    int length = content.length;
    while (length >= 0x80) {
      head[n++] = (byte) (length & 0x7f | 0x80);
      length >>>= 7;
    }
    head[n++] = (byte) length;
    return joined(Arrays.copyOf(head, n), content);
  }

  private static byte[] joined(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  /** Fields of one message. */
  private static final class Cursor {
    final byte[] bytes;
    final int end;
    int at;
    int field;
    int wire;
    int start; // of the content
    int length;

    Cursor(byte[] bytes, int from, int end) {
      this.bytes = bytes;
      this.at = from;
      this.end = end;
    }

    boolean next() {
      if (at >= end) {
        return false;
      }
      long tag = varint();
      field = (int) (tag >>> 3);
      wire = (int) (tag & 7);
      long size =
          switch (wire) {
            case 0 -> {
              varint();
              yield 0;
            }
            case 1 -> 8;
            case BYTES -> varint();
            case 5 -> 4;
            default -> -1;
          };
      if (size < 0 || size > end - at) {
        throw new IndexOutOfBoundsException(at);
      }
      start = at;
      length = (int) size;
      at += length;
      return true;
    }

    private long varint() {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        if (at >= end) {
          throw new IndexOutOfBoundsException(at);
        }
        byte b = bytes[at++];
        value |= (long) (b & 0x7f) << shift;
        if (b >= 0) {
          return value;
        }
      }
      throw new IndexOutOfBoundsException(at);
    }

    Cursor inside() {
      return new Cursor(bytes, start, start + length);
    }

    String text() {
      return new String(bytes, start, length, StandardCharsets.UTF_8);
    }
  }
}
