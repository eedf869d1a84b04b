package saccade.nodes.rcl;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import saccade.nodes.ros.QosProfile;
import saccade.nodes.ros.RosEvents;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.ServiceClient;

/**
 * A client of rcl. rcl sends and takes C structs; rmw's own codec turns bytes into them and back.
 */
final class RclServiceClient implements ServiceClient, WaitLoop.Waitable {

  private static final int BURST = 16;
  private static final int REQUEST_ID_SEQUENCE = 16;

  private final RclNode node;
  private final String name;
  private final RosEvents sink;
  private final Lifetime lifetime;
  private final Arena arena = Arena.ofShared();
  private final long handle;
  private final MemorySegment requestId;
  private final TypeSupport.Struct request;
  private final TypeSupport.Struct response;
  private final Map<Long, CompletableFuture<byte[]>> open = new ConcurrentHashMap<>();
  // A response may arrive before the call that sent the request knows its number.
  private final ReentrantLock sending = new ReentrantLock();
  private long lost;

  RclServiceClient(RclNode node, String name, TypeSupport type, QosProfile qos, RosEvents sink) {
    this.node = node;
    this.name = name;
    this.sink = sink;
    lifetime = new Lifetime("client " + name);
    request = TypeSupport.Struct.of(type.typeName(), "Request");
    response = TypeSupport.Struct.of(type.typeName(), "Response");
    MemorySegment struct = arena.allocate(8, 8);
    handle = struct.address();
    try {
      requestId = arena.allocate(RclAbi.REQUEST_ID, 8);
      MemorySegment options = Rcl.clientOptions(arena, qos);
      Rcl.check(
          Rcl.call(
              Rcl.CLIENT_INIT,
              handle,
              node.handle(),
              type.address(),
              arena.allocateFrom(name).address(),
              options.address()),
          "client " + name + " of " + type.typeName());
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
  public CompletableFuture<byte[]> call(MemorySegment cdr, long bytes) {
    SerializedMessage.check(name, cdr, bytes);
    lifetime.enter();
    try (Arena own = Arena.ofConfined()) {
      SerializedMessage message = SerializedMessage.pointing(own);
      message.point(cdr, bytes);
      MemorySegment sequence = own.allocate(JAVA_LONG);
      CompletableFuture<byte[]> answer = new CompletableFuture<>();
      long struct = request.allocate();
      try {
        Rcl.check(
            Rcl.call(Rcl.DESERIALIZE, message.address(), request.support().address(), struct),
            "request to " + name + ", " + bytes + " bytes");
        long number;
        sending.lock();
        try {
          Rcl.check(
              Rcl.call(Rcl.SEND_REQUEST, handle, struct, sequence.address()), "request to " + name);
          number = sequence.get(JAVA_LONG, 0);
          open.put(number, answer);
        } finally {
          sending.unlock();
        }
        var unused = answer.whenComplete((bytesOfAnswer, fault) -> open.remove(number));
      } finally {
        request.free(struct);
      }
      return answer;
    } finally {
      lifetime.exit();
    }
  }

  @Override
  public void ready(SerializedMessage scratch) {
    for (int i = 0; i < BURST && !lifetime.isClosed(); i++) {
      long struct = response.allocate();
      try {
        int code = Rcl.call(Rcl.TAKE_RESPONSE, handle, requestId.address(), struct);
        if (code == Rcl.CLIENT_TAKE_FAILED) {
          return;
        }
        if (code == Rcl.OK) {
          code = Rcl.call(Rcl.SERIALIZE, struct, response.support().address(), scratch.address());
        }
        if (code != Rcl.OK) {
          lost(String.valueOf(Rcl.fault(code, "take response").getMessage()));
          return;
        }
      } finally {
        response.free(struct);
      }
      CompletableFuture<byte[]> answer = answerOf(requestId.get(JAVA_LONG, REQUEST_ID_SEQUENCE));
      if (answer != null) {
        answer.complete(scratch.buffer().asSlice(0, scratch.length()).toArray(JAVA_BYTE));
      }
    }
  }

  private @Nullable CompletableFuture<byte[]> answerOf(long number) {
    sending.lock();
    try {
      // None when the caller has cancelled it meanwhile.
      return open.remove(number);
    } finally {
      sending.unlock();
    }
  }

  private void lost(String reason) {
    lost++;
    sink.lost(name, reason, 1, lost);
  }

  @Override
  public boolean ready() {
    lifetime.enter();
    try (Arena own = Arena.ofConfined()) {
      MemorySegment available = own.allocate(JAVA_BYTE);
      Rcl.check(
          Rcl.call(Rcl.SERVER_IS_AVAILABLE, node.handle(), handle, available.address()),
          "server of " + name);
      return available.get(JAVA_BYTE, 0) != 0;
    } finally {
      lifetime.exit();
    }
  }

  @Override
  public void close() {
    if (!lifetime.close()) {
      return;
    }
    node.forget(this);
    node.loop().remove(this, this::release);
    for (CompletableFuture<byte[]> answer : List.copyOf(open.values())) {
      answer.completeExceptionally(new RosFault("client " + name + " was closed"));
    }
  }

  private void release() {
    node.setup(() -> Rcl.call(Rcl.CLIENT_FINI, handle, node.handle()));
    arena.close();
  }

  @Override
  public WaitLoop.Kind kind() {
    return WaitLoop.Kind.CLIENT;
  }

  @Override
  public long handle() {
    return handle;
  }

  @Override
  public void pollEvents() {
    // rcl knows none for clients.
  }
}
