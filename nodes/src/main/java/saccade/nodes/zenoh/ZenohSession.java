package saccade.nodes.zenoh;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A session in a Zenoh network. It stays open whatever happens to its links: a lost one is dialled
 * again, and everything declared here is declared anew to whoever answers.
 *
 * <p>Any thread may call. Listeners are called on the threads that receive (one a link) or, for
 * what this session itself publishes, on the publishing thread; they must be short and must not
 * wait for the network. A listener that throws is counted and called again for the next message.
 */
public interface ZenohSession extends AutoCloseable {

  /** Opens one in plain Java; returns at once, links come up in the background. */
  static ZenohSession open(ZenohConfig config) {
    return new NetSession(config);
  }

  /**
   * Opens one of libzenohc, with what that library can besides: shared memory, above all. The first
   * of a process tries the library on itself.
   *
   * @param library the shared library, one a process ({@link saccade.nodes.zenoh.c.Libzenohc#find})
   * @throws saccade.nodes.cli.BadInput when it cannot be used, in one line; when a client's router
   *     is not there
   */
  static ZenohSession open(Path library, ZenohConfig config) {
    return NativeSession.open(library, NativeConfig.of(config));
  }

  /** The same with a configuration of zenoh's own, an object in JSON. */
  static ZenohSession open(Path library, String json) {
    return NativeSession.open(library, NativeConfig.of(json));
  }

  ZenohId id();

  /** Waits until at least one link is up; false after {@code timeout}. */
  boolean awaitLink(Duration timeout) throws InterruptedException;

  /** Who is at the other ends of our links now. */
  List<ZenohId> peers();

  /** Where we accept links; with the port that was free. */
  List<Locator> listening();

  Counts counts();

  /** Prepares publishing on one key. */
  ZenohPublisher declarePublisher(String key, PublisherOptions options);

  /** All samples whose key matches {@code key}, also those that this session publishes. */
  Declaration declareSubscriber(String key, SampleListener listener);

  /**
   * Answers queries.
   *
   * @param complete has all there is for {@code key}
   */
  Declaration declareQueryable(String key, boolean complete, QueryListener listener);

  /** Says that {@code key} is alive, until it is closed or this session is gone. */
  Declaration declareToken(String key);

  /** Tells what tokens that match {@code key} are there, and come and go. */
  Declaration declareTokenListener(String key, TokenListener listener);

  /**
   * Asks all queryables that match.
   *
   * @param payload [0, bytes) is read during the call; null: none
   * @param attachment or null
   */
  void get(
      String key,
      GetOptions options,
      @Nullable MemorySegment payload,
      long bytes,
      byte @Nullable [] attachment,
      ReplyListener listener);

  /** Says goodbye, ends all links, and forgets everything declared. */
  @Override
  void close();

  /** Something declared; closing takes it back, any number of times. */
  interface Declaration extends AutoCloseable {
    @Override
    void close();
  }

  /** Gets samples. */
  @FunctionalInterface
  interface SampleListener {
    /** {@code sample} and its memory are valid during the call. */
    void onSample(Sample sample);
  }

  /** Gets queries. */
  @FunctionalInterface
  interface QueryListener {
    /** Answer now or later; the query must be closed in the end. */
    void onQuery(Query query);
  }

  /** Hears of tokens. */
  @FunctionalInterface
  interface TokenListener {
    void onToken(String key, boolean alive);
  }

  /** Gets the answers to a query. */
  interface ReplyListener {
    /** {@code sample} and its memory are valid during the call. */
    void onReply(Sample sample);

    /** A queryable answered that it cannot; valid during the call. */
    default void onError(MemorySegment payload) {}

    /**
     * No more answers come. Called once.
     *
     * @param timedOut somebody asked did not say that it was done
     */
    void onDone(boolean timedOut);
  }

  /**
   * How to publish.
   *
   * @param reliable over the reliable channel
   * @param block wait for a slow peer instead of dropping
   * @param priority 0 control, 1 real time, 2 interactive high, 3 low, 4 data high, 5 data, 6 data
   *     low, 7 background
   * @param express never put together with other messages
   */
  record PublisherOptions(boolean reliable, boolean block, int priority, boolean express) {
    /** Reliable, dropped under congestion, data. */
    public static final PublisherOptions DEFAULT =
        new PublisherOptions(true, false, Wire.PRIORITY_DATA, false);

    /** Reliable, waits for slow peers, data. */
    public static final PublisherOptions BLOCKING =
        new PublisherOptions(true, true, Wire.PRIORITY_DATA, false);

    public PublisherOptions {
      if (priority < 0 || priority >= Wire.PRIORITIES) {
        throw new IllegalArgumentException("priority " + priority + "; wanted 0..7");
      }
    }

    int qos() {
      return priority | (block ? Wire.QOS_BLOCK : 0) | (express ? Wire.QOS_EXPRESS : 0);
    }
  }

  /** Which queryables are asked. */
  enum Target {
    /** The nearest complete one, else all. */
    BEST_MATCHING(Wire.TARGET_BEST),
    /** All. */
    ALL(Wire.TARGET_ALL),
    /** All that are complete. */
    ALL_COMPLETE(Wire.TARGET_ALL_COMPLETE);

    final int wire;

    Target(int wire) {
      this.wire = wire;
    }
  }

  /**
   * How to ask.
   *
   * @param target which queryables
   * @param parameters such as {@code _max=1;_anyke}, or empty
   * @param timeoutMs 1 ms to 30 days
   */
  record GetOptions(Target target, String parameters, long timeoutMs) {
    public GetOptions {
      if (timeoutMs < 1 || timeoutMs > 2_592_000_000L) {
        throw new IllegalArgumentException("timeout " + timeoutMs + " ms; wanted 1 ms to 30 days");
      }
    }
  }
}
