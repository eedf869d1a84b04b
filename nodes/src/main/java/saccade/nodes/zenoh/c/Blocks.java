package saccade.nodes.zenoh.c;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * Zeroed native memory for what the library builds in place: its structs are opaque, their sizes
 * differ between versions and builds, and it never asks for the size of ours. A block is far larger
 * than any of them (the largest of 1.8, a configuration, has 2008 bytes).
 *
 * <p>Blocks are used again and never freed: no address that the library may still know becomes
 * something else than a block. Safe for any thread.
 */
public final class Blocks {
  /** Of each block; aligned to 16. */
  public static final int BYTES = 4096;

  private static final int AT_ONCE = 16;

  // guarded by itself
  private static final ArrayDeque<MemorySegment> FREE = new ArrayDeque<>();
  private static int live; // guarded by FREE

  private Blocks() {}

  /** One of zeros; {@link #give} it back. */
  public static MemorySegment take() {
    MemorySegment block;
    synchronized (FREE) {
      if (FREE.isEmpty()) {
        MemorySegment many = Arena.global().allocate((long) AT_ONCE * BYTES, 16);
        for (int i = 0; i < AT_ONCE; i++) {
          FREE.add(many.asSlice((long) i * BYTES, BYTES));
        }
      }
      block = FREE.pop();
      live++;
    }
    return block.fill((byte) 0);
  }

  /** Only when neither we nor the library touch it any more. */
  public static void give(MemorySegment block) {
    synchronized (FREE) {
      FREE.push(block);
      live--;
    }
  }

  /** How many are in use now. */
  public static int live() {
    synchronized (FREE) {
      return live;
    }
  }
}
