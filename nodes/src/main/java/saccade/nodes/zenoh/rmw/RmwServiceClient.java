package saccade.nodes.zenoh.rmw;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import saccade.nodes.ros.MessageInfo;
import saccade.nodes.ros.RosFault;
import saccade.nodes.ros.ServiceClient;
import saccade.nodes.zenoh.Sample;
import saccade.nodes.zenoh.ZenohSession.Declaration;
import saccade.nodes.zenoh.ZenohSession.GetOptions;
import saccade.nodes.zenoh.ZenohSession.ReplyListener;
import saccade.nodes.zenoh.ZenohSession.Target;

/** A query to all complete queryables of the service's key; the first answer counts. */
final class RmwServiceClient implements ServiceClient {
  private static final long TIMEOUT_MS = 600_000;
  private static final long RESULT_TIMEOUT_MS = 2_592_000_000L; // actions may run for long

  private final RmwNode node;
  private final String name;
  private final String type;
  private final String hash;
  private final String key;
  private final GetOptions options;
  private final Declaration alive;
  private final Map<Long, CompletableFuture<byte[]>> open = new ConcurrentHashMap<>();
  // guarded by this
  private final byte[] attachment;
  private long sequence;
  private volatile boolean closed;

  RmwServiceClient(RmwNode node, String name, String type, String hash, String key, String token) {
    this.node = node;
    this.name = name;
    this.type = type;
    this.hash = hash;
    this.key = key;
    boolean result = name.endsWith("/_action/get_result");
    options = new GetOptions(Target.ALL_COMPLETE, "", result ? RESULT_TIMEOUT_MS : TIMEOUT_MS);
    attachment = Attachment.of(Gid.of(token));
    alive = node.transport.session.declareToken(token);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public CompletableFuture<byte[]> call(MemorySegment request, long bytes) {
    if (closed) {
      throw new RosFault("client of " + name + " is closed");
    }
    if (bytes < 4 || bytes > request.byteSize()) {
      throw new RosFault(bytes + " bytes for " + name + "; wanted 4 to " + request.byteSize());
    }
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    synchronized (this) {
      sequence++;
      open.put(sequence, answer);
      Attachment.stamp(attachment, sequence, Attachment.wallNs());
      node.transport.session.get(
          key, options, request, bytes, attachment.clone(), new Answers(sequence, answer));
    }
    return answer;
  }

  private final class Answers implements ReplyListener {
    private final long number;
    private final CompletableFuture<byte[]> answer;
    private final MessageInfo info = new MessageInfo();

    Answers(long number, CompletableFuture<byte[]> answer) {
      this.number = number;
      this.answer = answer;
    }

    @Override
    public void onReply(Sample sample) {
      if (sample.isPut() && Attachment.read(sample, info) && info.sequence == number) {
        answer.complete(sample.payload().toArray(ValueLayout.JAVA_BYTE));
      }
    }

    @Override
    public void onDone(boolean timedOut) {
      open.remove(number);
      if (!answer.isDone()) {
        answer.completeExceptionally(
            new RosFault(
                "service " + name + ": " + (timedOut ? "no answer in time" : "nobody answers")));
      }
    }
  }

  @Override
  public boolean ready() {
    return node.transport.graph.count(name, Token.SERVER, type, hash) > 0;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    alive.close();
    for (CompletableFuture<byte[]> f : open.values()) {
      f.completeExceptionally(new RosFault("client of " + name + " was closed"));
    }
    node.forget(this);
  }
}
