package saccade.nodes.rcl;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RawService;
import saccade.nodes.ros.RosEvents;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.ServiceServer;

/**
 * A service of rcl. rcl takes and sends C structs; rmw's own codec turns them into bytes and back.
 */
final class RclServiceServer implements ServiceServer, WaitLoop.Waitable {

  private static final int BURST = 16;
  private static final long LATE_NS = 10_000_000_000L; // Fast DDS itself waits 0.1 s each time

  private final RclNode node;
  private final String name;
  private final RawService service;
  private final RosEvents sink;
  private final Lifetime lifetime;
  private final Arena arena = Arena.ofShared();
  private final long handle;
  private final MemorySegment requestId;
  private final TypeSupport.Struct request;
  private final TypeSupport.Struct response;
  private final AtomicLong lost = new AtomicLong();

  RclServiceServer(
      RclNode node,
      String name,
      TypeSupport type,
      QosProfile qos,
      RawService service,
      RosEvents sink) {
    this.node = node;
    this.name = name;
    this.service = service;
    this.sink = sink;
    lifetime = new Lifetime("service " + name);
    request = TypeSupport.Struct.of(type.typeName(), "Request");
    response = TypeSupport.Struct.of(type.typeName(), "Response");
    MemorySegment struct = arena.allocate(8, 8);
    handle = struct.address();
    try {
      requestId = arena.allocate(RclAbi.REQUEST_ID, 8);
      MemorySegment options = Rcl.serviceOptions(arena, qos);
      Rcl.check(
          Rcl.call(
              Rcl.SERVICE_INIT,
              handle,
              node.handle(),
              type.address(),
              arena.allocateFrom(name).address(),
              options.address()),
          "service " + name + " of " + type.typeName());
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void ready(SerializedMessage scratch) {
    for (int i = 0; i < BURST && !lifetime.isClosed(); i++) {
      long struct = request.allocate();
      try {
        int code = Rcl.call(Rcl.TAKE_REQUEST, handle, requestId.address(), struct);
        if (code == Rcl.SERVICE_TAKE_FAILED) {
          return;
        }
        if (code == Rcl.OK) {
          code = Rcl.call(Rcl.SERIALIZE, struct, request.support().address(), scratch.address());
        }
        if (code != Rcl.OK) {
          lost(String.valueOf(Rcl.fault(code, "take request").getMessage()));
          return;
        }
      } finally {
        request.free(struct);
      }
      try {
        service.onRequest(
            scratch.buffer(), scratch.length(), new Answer(requestId.toArray(JAVA_BYTE)));
      } catch (Throwable t) {
        lost("service threw " + t);
      }
    }
  }

  private void lost(String reason) {
    sink.lost(name, reason, 1, lost.incrementAndGet());
  }

  /** The way back to one caller. */
  private final class Answer implements RawService.Reply {
    private final byte[] id;
    private final AtomicBoolean sent = new AtomicBoolean();

    Answer(byte[] id) {
      this.id = id;
    }

    @Override
    public void send(MemorySegment cdr, long bytes) {
      SerializedMessage.check(name, cdr, bytes);
      if (!sent.compareAndSet(false, true)) {
        throw new RosFault("request to " + name + " was answered before");
      }
      int code = trySend(cdr, bytes);
      if (code == Rcl.TIMEOUT) {
        // Fast DDS: the caller's reader is not discovered yet. The caller would wait for ever.
        Rcl.forgetError();
        byte[] kept = cdr.asSlice(0, bytes).toArray(JAVA_BYTE);
        Thread.ofPlatform().daemon().name("rcl-late-answer").start(() -> sendLate(kept));
      } else {
        Rcl.check(code, "response of " + name);
      }
    }

    /** One try; the code that rcl gives. */
    private int trySend(MemorySegment cdr, long bytes) {
      lifetime.enter();
      try (Arena own = Arena.ofConfined()) {
        SerializedMessage message = SerializedMessage.pointing(own);
        message.point(cdr, bytes);
        long struct = response.allocate();
        try {
          Rcl.check(
              Rcl.call(Rcl.DESERIALIZE, message.address(), response.support().address(), struct),
              "response of " + name + ", " + bytes + " bytes");
          MemorySegment nativeId = own.allocate(RclAbi.REQUEST_ID, 8);
          MemorySegment.copy(id, 0, nativeId, JAVA_BYTE, 0, id.length);
          return Rcl.call(Rcl.SEND_RESPONSE, handle, nativeId.address(), struct);
        } finally {
          response.free(struct);
        }
      } finally {
        lifetime.exit();
      }
    }

    /** Tries until the caller is discovered, or {@link #LATE_NS} have passed. */
    private void sendLate(byte[] kept) {
      long endNs = System.nanoTime() + LATE_NS;
      try (Arena own = Arena.ofConfined()) {
        MemorySegment cdr = own.allocateFrom(JAVA_BYTE, kept);
        while (true) {
          int code = trySend(cdr, kept.length);
          if (code == Rcl.OK) {
            return;
          }
          if (code != Rcl.TIMEOUT || System.nanoTime() > endNs) {
            lost(String.valueOf(Rcl.fault(code, "send response").getMessage()));
            return;
          }
          Rcl.forgetError();
        }
      } catch (RosFault closed) {
        // Nobody is left to answer for.
      }
    }
  }

  @Override
  public void close() {
    if (lifetime.close()) {
      node.forget(this);
      node.loop().remove(this, this::release);
    }
  }

  private void release() {
    node.setup(() -> Rcl.call(Rcl.SERVICE_FINI, handle, node.handle()));
    arena.close();
  }

  @Override
  public WaitLoop.Kind kind() {
    return WaitLoop.Kind.SERVICE;
  }

  @Override
  public long handle() {
    return handle;
  }

  @Override
  public void pollEvents() {
    // rcl knows none for services.
  }
}
