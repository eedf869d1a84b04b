package saccade.perception.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Owns all memory that ONNX Runtime reads and writes for one stream: off-heap segments in native
 * byte order and the tensors laid over them. Set-up only; {@link #close} closes the tensors first
 * and the memory after, and no segment or tensor may be used from then on.
 *
 * <p>ONNX Runtime keeps the bare address of a buffer; that buffers and tensors live exactly as long
 * as this store is what keeps the garbage collector from pulling memory from under a run.
 */
public final class TensorStore implements AutoCloseable {

  private static final int ALIGNMENT = 64; // one cache line, and the widest vector register

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final Arena arena = Arena.ofShared();
  private final List<OnnxTensor> tensors = new ArrayList<>();
  private final OrtSession.RunOptions runOptions;
  private long bytes;
  private volatile boolean closed;

  /** An empty store. */
  public TensorStore() {
    try {
      runOptions = new OrtSession.RunOptions();
    } catch (OrtException e) {
      throw new EngineException("cannot make run options: " + e.getMessage(), e);
    }
  }

  /** Zeroed float32 memory for {@code count} values. */
  public MemorySegment floats(long count) {
    return allocate(count * Float.BYTES);
  }

  /** Zeroed int64 memory for {@code count} values. */
  public MemorySegment longs(long count) {
    return allocate(count * Long.BYTES);
  }

  /** Zeroed int32 memory for {@code count} values. */
  public MemorySegment ints(long count) {
    return allocate(count * Integer.BYTES);
  }

  /** Addresses side by side, for C. */
  MemorySegment addresses(long... values) {
    MemorySegment memory = allocate((long) values.length * Long.BYTES);
    MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_LONG, 0, values.length);
    return memory;
  }

  /** Options of every run of this stream; through them a run is stopped from outside. */
  OrtSession.RunOptions runOptions() {
    return runOptions;
  }

  /**
   * Stops the run under way, if any, at its next operator, and every later one at its first, until
   * {@code stop} is false again. From any thread, while the store is open.
   */
  public void stopRuns(boolean stop) {
    try {
      runOptions.setTerminate(stop);
    } catch (OrtException e) {
      throw new EngineException("cannot stop a run: " + e.getMessage(), e);
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** A float32 tensor over the first bytes of {@code memory}; several may share one segment. */
  public OnnxTensor floatTensor(MemorySegment memory, long... shape) {
    ByteBuffer buffer = prefix(memory, shape, Float.BYTES);
    try {
      return keep(OnnxTensor.createTensor(environment, buffer.asFloatBuffer(), shape));
    } catch (OrtException e) {
      throw new EngineException("cannot make a float32 tensor: " + e.getMessage(), e);
    }
  }

  /** An int64 tensor over the first bytes of {@code memory}. */
  public OnnxTensor longTensor(MemorySegment memory, long... shape) {
    ByteBuffer buffer = prefix(memory, shape, Long.BYTES);
    try {
      return keep(OnnxTensor.createTensor(environment, buffer.asLongBuffer(), shape));
    } catch (OrtException e) {
      throw new EngineException("cannot make an int64 tensor: " + e.getMessage(), e);
    }
  }

  /** An int32 tensor over the first bytes of {@code memory}; an empty shape is a scalar. */
  public OnnxTensor intTensor(MemorySegment memory, long... shape) {
    ByteBuffer buffer = prefix(memory, shape, Integer.BYTES);
    try {
      return keep(OnnxTensor.createTensor(environment, buffer.asIntBuffer(), shape));
    } catch (OrtException e) {
      throw new EngineException("cannot make an int32 tensor: " + e.getMessage(), e);
    }
  }

  /** Off-heap bytes owned. */
  public long bytes() {
    return bytes;
  }

  /** Tensors owned (native handles). */
  public int tensors() {
    return tensors.size();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    tensors.forEach(OnnxTensor::close);
    runOptions.close();
    arena.close();
  }

  private MemorySegment allocate(long byteSize) {
    bytes += byteSize;
    return arena.allocate(byteSize, ALIGNMENT);
  }

  private static ByteBuffer prefix(MemorySegment memory, long[] shape, int width) {
    long count = 1;
    for (long size : shape) {
      count *= size;
    }
    return memory.asSlice(0, count * width).asByteBuffer().order(ByteOrder.nativeOrder());
  }

  private OnnxTensor keep(OnnxTensor tensor) {
    tensors.add(tensor);
    return tensor;
  }
}
