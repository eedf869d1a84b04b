package saccade.realtime.overload;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import saccade.realtime.deadline.BudgetController;
import saccade.realtime.deadline.Decision;
import saccade.realtime.deadline.DegradeLadder;
import saccade.realtime.deadline.WorkShape;
import saccade.realtime.deadline.Worth;
import saccade.realtime.schedule.LatencyModel;
import saccade.realtime.schedule.LatencyTable;
import saccade.realtime.trace.TraceFile;
import saccade.realtime.trace.TraceFile.Entry;
import saccade.realtime.trace.TraceKind;

/**
 * A trace, put in order: when sets came, what their slices took, what was decided, what became of
 * it. Set-up only; holds the run in memory, at most {@value #MOST_RECORDS} records.
 */
public final class RecordedRun {
  static final int MOST_RECORDS = 20_000_000;
  private static final int SIZE_STEP = 16;

  /**
   * One slice as it ran.
   *
   * @param expectedNs what the session expected of it before
   */
  record Took(int kind, int size, long startNs, long ns, long expectedNs) {}

  /** One set that ran. */
  static final class Ran {
    final int number;
    long atNs; // when it was handed over
    long captureNs;
    long present;
    long everyNs; // from set to set on the lane, all streams together; 0: an older trace
    boolean decided;
    long decidedNs;
    long leftNs; // behind what others had on the lane
    int level;
    int exit;
    int reason;
    long budgetNs;
    int tokens;
    int facts;
    final List<Took> slices = new ArrayList<>();
    @Nullable Took refused; // it would not have fitted, and the set ended
    long messageNs = -1; // of its action
    long lastMessageNs = -1; // of any
    boolean fresh; // all that was asked
    long turnNs =
        -1; // from the end of the set before, where this one waited for it; -1: it did not

    Ran(int number) {
      this.number = number;
    }

    Took first() {
      return slices.get(0);
    }
  }

  private record Message(int kind, long atNs, long captureNs, long budgetNs, long owed, int set) {}

  private final String name;
  private final TraceFile file;
  private final Map<String, String> facts = new HashMap<>();
  private final TreeMap<Integer, Ran> sets = new TreeMap<>(); // by number
  private final List<long[]> frames = new ArrayList<>(); // sensor, published, capture
  private final List<Message> messages = new ArrayList<>();
  private final List<Entry> known = new ArrayList<>(); // what decisions came from, and they
  private final WorkShape shape;
  private final int action; // kind of an action token's slices; texts are above
  private final int actionSlices; // of an action that is whole
  private final List<String> kinds;
  private final LatencyTable seeds;
  private final Codes codes;
  private final Arrivals arrivals;

  /**
   * Kinds of messages as this trace numbers them.
   *
   * @param starting no set has been seen
   * @param description a text that follows its action
   * @param fresh all that was asked
   * @param fallback no answer of the model
   */
  public record Codes(int starting, int description, int fresh, int fallback) {}

  /** What was measured. */
  public record Measured(
      int deadlines, int missed, int sets, double missRatio, double ageP50Ms, double ageP99Ms) {}

  private RecordedRun(Path path, Codes codes) throws IOException {
    this.name = path.toString();
    this.codes = codes;
    long[] count = new long[1];
    this.file =
        TraceFile.read(
            path,
            entry -> {
              if (count[0]++ < MOST_RECORDS) {
                take(entry);
              }
            });
    file.names()
        .forEach(
            (key, text) -> {
              int equals = text.indexOf('=');
              if (key >>> 16 == TraceKind.NAME_FACT && equals > 0) {
                facts.put(text.substring(0, equals), text.substring(equals + 1));
              }
            });
    this.kinds = readKinds();
    this.shape = readShape();
    this.action = shape.layerKinds()[shape.deepest()] + 1;
    this.actionSlices = sets.values().stream().mapToInt(this::actionSlicesOf).max().orElse(0);
    // A set that was cut ahead of its action has a message, which goes on with an earlier one.
    sets.values().stream().filter(set -> !hasAction(set)).forEach(set -> set.messageNs = -1);
    this.seeds = readSeeds();
    this.arrivals = readArrivals();
  }

  /**
   * Reads a trace.
   *
   * @throws IllegalArgumentException in one line: what was found, what was wanted
   * @throws IOException when it cannot be read
   */
  public static RecordedRun read(Path path, Codes codes) throws IOException {
    return new RecordedRun(path, codes);
  }

  private Ran ran(int number) {
    return sets.computeIfAbsent(number, Ran::new);
  }

  private void take(Entry entry) {
    long[] v = entry.v();
    switch (entry.kind()) {
      case FRAME -> frames.add(new long[] {entry.a(), entry.atNs(), v[0]});
      case SET -> {
        Ran set = ran(entry.b());
        set.atNs = entry.atNs();
        set.captureNs = v[0];
        set.present = v[2];
        set.everyNs = v[4];
      }
      case DECISION -> {
        Ran set = ran(entry.b());
        set.decided = true;
        set.decidedNs = entry.atNs();
        set.leftNs = v[1];
        set.level = entry.flag();
        set.exit = entry.a() >>> 8;
        set.reason = entry.a() & 0xff;
        set.budgetNs = v[0];
        set.tokens = (int) (v[5] >>> 16);
        set.facts = (int) (v[5] >>> 8 & 0xff);
      }
      case SLICE -> {
        Took took = new Took(entry.a(), (int) v[1], entry.atNs(), v[0], v[4]);
        if (entry.flag() == TraceKind.SLICE_REFUSED) {
          ran(entry.b()).refused = took;
        } else {
          ran(entry.b()).slices.add(took);
        }
      }
      case MESSAGE -> {
        messages.add(new Message(entry.flag(), entry.atNs(), v[0], v[2], v[3], entry.b()));
        if (entry.b() >= 0 && entry.flag() != codes.description()) {
          ran(entry.b()).lastMessageNs = entry.atNs();
        }
        if (entry.b() >= 0
            && entry.flag() != codes.starting()
            && entry.flag() != codes.fallback()) {
          Ran set = ran(entry.b());
          if (entry.flag() != codes.description() && set.messageNs < 0) {
            set.messageNs = entry.atNs();
          }
          set.fresh |= entry.flag() == codes.fresh() || entry.flag() == codes.description();
        }
      }
      default -> {}
    }
    switch (entry.kind()) {
      case SET, DECISION, SLICE, LEARNT, NEWS -> known.add(entry);
      default -> {}
    }
  }

  private int actionSlicesOf(Ran set) {
    return (int) set.slices.stream().filter(took -> took.kind == action).count();
  }

  private boolean hasAction(Ran set) {
    return actionSlices > 0 && actionSlicesOf(set) == actionSlices;
  }

  // ---- what the run says of itself ----

  private List<String> readKinds() {
    List<String> names = new ArrayList<>();
    while (file.names().containsKey(TraceKind.NAME_SLICE << 16 | names.size())) {
      names.add(file.name(TraceKind.NAME_SLICE, names.size()));
    }
    return List.copyOf(names);
  }

  private long[] numbers(String key, int count) {
    String text = facts.get(key);
    String[] parts = text == null ? new String[0] : text.split(" ");
    if (parts.length != count) {
      throw new IllegalArgumentException(
          name
              + ": expected what its sets were made of ("
              + key
              + " with "
              + count
              + " numbers), found "
              + (text == null ? "none; record it with this version" : "\"" + text + "\""));
    }
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      try {
        values[i] = Long.parseLong(parts[i]);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            name + ": " + key + ": expected whole numbers, found \"" + text + "\"", e);
      }
    }
    return values;
  }

  /** A number of the run's, e.g. {@code periodNs}. */
  public long number(String key) {
    return numbers(key, 1)[0];
  }

  private WorkShape readShape() {
    long[] work = numbers("work", 8);
    int sensors = bounded(work[0], 64);
    int blocks = bounded(work[1], 64);
    int[] encode = new int[sensors];
    int[] full = new int[sensors];
    int[] least = new int[sensors];
    boolean[] essential = new boolean[sensors];
    for (int i = 0; i < sensors; i++) {
      long[] sensor = numbers("sensor" + i, 4);
      encode[i] = bounded(sensor[0], kinds.size() - 1);
      full[i] = bounded(sensor[1], 1 << 20);
      least[i] = bounded(sensor[2], 1 << 20);
      essential[i] = sensor[3] != 0;
    }
    int[] layerKinds = new int[blocks];
    int[] layers = new int[blocks];
    boolean[] may = new boolean[blocks];
    for (int i = 0; i < blocks; i++) {
      long[] block = numbers("block" + i, 3);
      layerKinds[i] = bounded(block[0], kinds.size() - 1);
      layers[i] = bounded(block[1], 1024);
      may[i] = block[2] != 0;
    }
    return new WorkShape(
        encode,
        full,
        least,
        essential,
        bounded(work[2], kinds.size() - 1),
        bounded(work[3], 1 << 20),
        layerKinds,
        layers,
        may,
        bounded(work[4], kinds.size() - 1),
        bounded(work[5], kinds.size() - 1),
        bounded(work[6], 255),
        bounded(work[7], 255));
  }

  private int bounded(long value, int most) {
    if (value < 0 || value > most) {
      throw new IllegalArgumentException(
          name + ": expected a number from 0 to " + most + " about its sets, found " + value);
    }
    return (int) value;
  }

  private LatencyTable readSeeds() {
    List<LatencyTable.Row> rows = new ArrayList<>();
    for (int i = 0; facts.containsKey("seed" + i); i++) {
      long[] seed = numbers("seed" + i, 4);
      rows.add(
          new LatencyTable.Row(
              kinds.get(bounded(seed[0], kinds.size() - 1)),
              bounded(seed[1], 1 << 20),
              seed[2],
              Math.max(seed[2], seed[3]),
              1));
    }
    return new LatencyTable("trace", name, rows);
  }

  /** What its sets were made of. */
  public WorkShape shape() {
    return shape;
  }

  /** Names of its slice kinds and of the two sums behind them. */
  public List<String> kindNames() {
    return kinds;
  }

  /** What its latency model began with; empty when with nothing. */
  public LatencyTable seeds() {
    return seeds;
  }

  /** Whether it decided by budget. */
  public boolean degraded() {
    return "on".equals(facts.get("degrade"));
  }

  /** Records lost by the run's own account. */
  public long lost() {
    return file.lost();
  }

  /** What each stage of a set usually took, ns; see {@link Baselines#all}. */
  public long[] stageNs() {
    LatencyModel model = new LatencyModel(kinds);
    for (Ran set : sets.values()) {
      long actionNs = 0;
      long textNs = 0;
      for (Took took : set.slices) {
        model.observe(took.kind, took.size, took.ns);
        actionNs += took.kind == action ? took.ns : 0;
        textNs += took.kind > action ? took.ns : 0;
      }
      model.observe(
          shape.actionKind(),
          shape.layersUpTo(shape.deepest()) * WorkShape.SIZE_PER_LAYER,
          actionNs);
      if (set.fresh && set.facts > 0) {
        model.observe(shape.textKind(), shape.textSize(set.facts, exitOf(set)), textNs);
      }
    }
    return Baselines.stageNs(shape, model);
  }

  /** Block after which a set was decided, by the size of its action tokens. */
  private int exitOf(Ran set) {
    for (Took took : set.slices) {
      if (took.kind == action) {
        return shape.exitAt(took.size / WorkShape.SIZE_PER_LAYER);
      }
    }
    return Math.clamp(set.exit, 0, shape.deepest());
  }

  // ---- arrivals ----

  /**
   * The instants of the run, as their frames came. A set that was handed over while nothing ran is
   * ready when it was handed over; else when its last frame was there, or its time-out was over.
   * The budget is the one that its message had.
   */
  public Arrivals arrivals() {
    return arrivals;
  }

  private Arrivals readArrivals() {
    long periodNs = number("periodNs");
    long timeoutNs = number("setTimeoutNs");
    long budgetNs = number("budgetNs");
    frames.sort((one, two) -> Long.compare(one[2], two[2]));
    Map<Long, Ran> byCapture = new HashMap<>();
    sets.values().forEach(set -> byCapture.put(set.captureNs, set));
    List<long[]> instants = new ArrayList<>(); // capture, ready, present
    for (int i = 0; i < frames.size(); ) {
      long captureNs = frames.get(i)[2];
      long readyNs = captureNs;
      long present = 0;
      for (; i < frames.size() && frames.get(i)[2] - captureNs <= periodNs / 2; i++) {
        readyNs = Math.max(readyNs, frames.get(i)[1]);
        present |= 1L << frames.get(i)[0];
      }
      instants.add(new long[] {captureNs, readyNs, present});
    }
    long whole = instants.stream().mapToLong(instant -> instant[2]).reduce(0, (a, b) -> a | b);
    long lastMessageNs =
        messages.stream()
            .filter(message -> message.kind != codes.starting())
            .mapToLong(Message::captureNs)
            .max()
            .orElse(Long.MIN_VALUE);
    instants.removeIf(instant -> instant[0] > lastMessageNs + periodNs / 2);
    int count = instants.size();
    long[] captures = new long[count];
    long[] ready = new long[count];
    long[] present = new long[count];
    long[] budgets = new long[count];
    TreeMap<Long, Long> budgetOf = new TreeMap<>(); // by capture
    for (Message message : messages) {
      if (message.kind != codes.starting() && message.budgetNs > 0) {
        budgetOf.putIfAbsent(message.captureNs, message.budgetNs);
      }
    }
    long endNs = Long.MIN_VALUE; // of the set before in the run
    for (int i = 0; i < count; i++) {
      long[] instant = instants.get(i);
      Ran set = byCapture.get(instant[0]);
      captures[i] = instant[0];
      ready[i] = instant[2] == whole ? instant[1] : Math.max(instant[1], instant[0] + timeoutNs);
      present[i] = instant[2];
      Map.Entry<Long, Long> told = budgetOf.ceilingEntry(instant[0] - periodNs / 2);
      long toldNs =
          told != null && told.getKey() <= instant[0] + periodNs / 2 ? told.getValue() : budgetNs;
      budgets[i] = set != null && set.decided ? set.budgetNs : toldNs;
      if (set != null) {
        present[i] = set.present;
        set.turnNs = endNs > ready[i] && set.atNs >= endNs ? set.atNs - endNs : -1;
        ready[i] = endNs <= ready[i] || set.atNs < ready[i] ? set.atNs : ready[i];
        endNs = set.slices.isEmpty() ? set.atNs : end(set);
      }
      ready[i] = Math.max(ready[i], captures[i]);
    }
    return new Arrivals(captures, ready, present, budgets);
  }

  private static long end(Ran set) {
    Took last = set.slices.get(set.slices.size() - 1);
    return last.startNs + last.ns;
  }

  // ---- what was measured ----

  /** Deadlines and ages as the run had them. */
  public Measured measured() {
    int deadlines = 0;
    int missed = 0;
    for (Message message : messages) {
      if (message.kind != codes.starting()
          && message.kind != codes.description()
          && message.owed != 2) {
        deadlines++;
        missed += message.owed == 1 ? 1 : 0;
      }
    }
    double[] ages = ages();
    return new Measured(
        deadlines,
        missed,
        (int) sets.values().stream().filter(set -> !set.slices.isEmpty()).count(),
        deadlines == 0 ? 0 : (double) missed / deadlines,
        quantile(ages, 0.5),
        quantile(ages, 0.99));
  }

  private double[] ages() {
    List<Ran> with = sets.values().stream().filter(set -> set.messageNs >= 0).toList();
    if (with.size() < 2) {
      return new double[] {Double.NaN};
    }
    long fromNs = with.get(0).messageNs;
    long toNs = with.get(with.size() - 1).messageNs;
    double[] ages = new double[(int) Math.max(1, (toNs - fromNs) / 1_000_000L)];
    int at = 0;
    for (int i = 0; i < ages.length; i++) {
      long nowNs = fromNs + i * 1_000_000L;
      while (at + 1 < with.size() && with.get(at + 1).messageNs <= nowNs) {
        at++;
      }
      ages[i] = (nowNs - with.get(at).captureNs) * 1e-6;
    }
    return ages;
  }

  private static double quantile(double[] values, double q) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[Math.min(sorted.length - 1, (int) Math.floor(q * sorted.length))];
  }

  /**
   * Of the sets that both ran, the share that a simulated run settled as the real one did: level,
   * exit, tokens, facts; NaN when there are none.
   */
  public double agreement(StreamRun.Outcome simulated) {
    Map<Long, Ran> byCapture = new HashMap<>();
    sets.values().stream().filter(set -> set.decided).forEach(s -> byCapture.put(s.captureNs, s));
    int both = 0;
    int same = 0;
    for (int i = 0; i < simulated.arrivals().count(); i++) {
      Ran real = byCapture.get(simulated.arrivals().captureNs()[i]);
      var decided = simulated.decision(i);
      if (real != null && decided != null) {
        both++;
        same +=
            real.level == decided.level().ordinal()
                    && real.exit == decided.exit()
                    && real.tokens == decided.tokensOfAll()
                    && real.facts == decided.facts()
                ? 1
                : 0;
      }
    }
    return both == 0 ? Double.NaN : (double) same / both;
  }

  /** Share of the instants that ran, or did not run, in the simulated run as in the real one. */
  public double sameSets(StreamRun.Outcome simulated) {
    Map<Long, Ran> byCapture = new HashMap<>();
    sets.values().stream()
        .filter(set -> !set.slices.isEmpty())
        .forEach(s -> byCapture.put(s.captureNs, s));
    int same = 0;
    int count = simulated.arrivals().count();
    for (int i = 0; i < count; i++) {
      boolean ran = byCapture.containsKey(simulated.arrivals().captureNs()[i]);
      same += ran == (simulated.decision(i) != null) ? 1 : 0;
    }
    return count == 0 ? Double.NaN : (double) same / count;
  }

  // ---- decisions ----

  /**
   * Decisions taken once more.
   *
   * @param decisions how many the run took
   * @param same of those, the ones that came out as they did then, predictions included
   * @param first that did not, in words; empty when there is none
   */
  public record Redecided(int decisions, int same, String first) {
    /** Share that came out the same, 0..1; NaN without any. */
    public double share() {
      return decisions == 0 ? Double.NaN : (double) same / decisions;
    }
  }

  /**
   * Takes every decision of the run once more, by the policy that ran and from what it knew then:
   * the slices that it had learnt from, what the ladder had been told, the sensors present and the
   * time left, each in its place of the trace. Nothing is simulated, so all must come out as they
   * did. A trace of an older version does not say what the ladder was told: no decision then.
   *
   * @param worth of the model's answers; null = nobody had measured it
   */
  public Redecided redecide(@Nullable Worth worth) {
    if (known.stream().noneMatch(entry -> entry.kind() == TraceKind.NEWS)) {
      return new Redecided(0, 0, "");
    }
    BudgetController controller = controller(worth);
    LatencyModel learnt = controller.model();
    long everyNs = number("periodNs");
    Decision again = new Decision(shape.sensors());
    DegradeLadder.News[] news = DegradeLadder.News.values();
    int decisions = 0;
    int same = 0;
    long present = 0;
    String first = "";
    for (Entry entry : known) {
      long[] v = entry.v();
      switch (entry.kind()) {
        case SET -> {
          present = v[2];
          everyNs = v[4] > 0 ? v[4] : everyNs;
        }
        case SLICE ->
            learnt.observe(bounded(entry.a(), kinds.size() - 1), (int) v[1], v[0]); // 0: refused
        case LEARNT -> {
          learnt.observe(shape.actionKind(), (int) v[1], v[0]);
          learnt.observe(shape.textKind(), (int) v[3], v[2]);
        }
        case NEWS ->
            controller.ladder().tell(news[bounded(entry.flag(), news.length - 1)], entry.atNs());
        default -> {
          controller.decide(entry.atNs(), entry.atNs() + v[1], v[0], present, everyNs, again);
          decisions++;
          if (isSame(entry, again)) {
            same++;
          } else if (first.isEmpty()) {
            first = "set " + entry.b() + ": " + again.line();
          }
        }
      }
    }
    return new Redecided(decisions, same, first);
  }

  private static boolean isSame(Entry then, Decision now) {
    long[] v = then.v();
    return then.flag() == now.level().ordinal()
        && then.a() == (now.exit() << 8 | now.reason().ordinal())
        && v[2] == now.actionP50Ns()
        && v[3] == now.actionP99Ns()
        && v[4] == now.wholeNs()
        && v[5] == now.record();
  }

  private BudgetController controller(@Nullable Worth worth) {
    LatencyModel learnt = new LatencyModel(kinds);
    learnt.seed(seeds);
    return new BudgetController(
        learnt, shape, new DegradeLadder(DegradeLadder.Options.DEFAULT), worth);
  }

  // ---- replay ----

  /**
   * The policy that ran, at its beginning: what it had learnt of slices before the first set. What
   * other streams asked of the lane meanwhile is as it was when the run decided on that set, or on
   * the one before where it did not.
   *
   * @param worth of the model's answers; null = nobody measured it
   */
  public SaccadePolicy policy(@Nullable Worth worth) {
    long reserveNs = number("reserveNs");
    return new SaccadePolicy(controller(worth), reserveNs, new OthersThen(reserveNs));
  }

  private final class OthersThen implements SaccadePolicy.Others {
    private final TreeMap<Long, Ran> decided = new TreeMap<>(); // by capture
    private final long reserveNs;
    private final long periodNs = number("periodNs");

    OthersThen(long reserveNs) {
      this.reserveNs = reserveNs;
      sets.values().stream().filter(set -> set.decided).forEach(s -> decided.put(s.captureNs, s));
    }

    private @Nullable Ran at(long captureNs) {
      Map.Entry<Long, Ran> then = decided.floorEntry(captureNs);
      return then == null ? null : then.getValue();
    }

    @Override
    public long everyNs(long captureNs) {
      Ran set = at(captureNs);
      return set == null || set.everyNs <= 0 ? periodNs : set.everyNs;
    }

    @Override
    public long aheadNs(long captureNs) {
      Ran set = at(captureNs);
      if (set == null) {
        return 0;
      }
      long aloneNs = set.captureNs + set.budgetNs - reserveNs - set.decidedNs;
      return Math.max(0, aloneNs - set.leftNs);
    }
  }

  /**
   * The same frames at the same instants under a policy, on a simulated clock.
   *
   * @param slower factor on the time of every slice
   */
  public StreamRun.Outcome replay(Policy policy, double slower) {
    RunClock.Simulated clock =
        RunClock.simulated(arrivals.count() == 0 ? 0 : arrivals.captureNs()[0]);
    return new StreamRun(
            arrivals,
            new SimulatedEngine(shape, kinds, times(), clock, slower),
            policy,
            clock,
            number("periodNs"))
        .run();
  }

  // ---- slice times ----

  /**
   * Times of slices as the run had them about that moment: those of the set that was handed over
   * nearest in time and had such a slice, else of the nearest size, in proportion to it.
   *
   * @throws IllegalArgumentException when no set of the run has all its slices
   */
  public SliceTimes times() {
    return new Times();
  }

  private final class Times implements SliceTimes {
    private final Ran[] ran; // that have slices, by time
    private final Ran[] handed; // that were handed over before their deadline, by time
    private final long reserveNs = number("reserveNs");

    Times() {
      ran = byTime(set -> !set.slices.isEmpty());
      handed =
          byTime(
              set ->
                  !set.slices.isEmpty()
                      || set.decided && set.atNs < set.captureNs + set.budgetNs - reserveNs);
      if (Arrays.stream(ran).noneMatch(RecordedRun.this::hasAction)) {
        throw new IllegalArgumentException(
            name + ": expected sets that ran to their action, found none");
      }
    }

    private Ran[] byTime(Fits fits) {
      return sets.values().stream()
          .filter(fits::test)
          .sorted((one, two) -> Long.compare(one.atNs, two.atNs))
          .toArray(Ran[]::new);
    }

    private interface Fits {
      boolean test(Ran set);
    }

    private @Nullable Ran nearest(long nowNs, Fits fits) {
      return nearest(ran, nowNs, fits);
    }

    private static @Nullable Ran nearest(Ran[] among, long nowNs, Fits fits) {
      int lo = 0;
      int hi = among.length;
      while (lo < hi) {
        int mid = (lo + hi) >>> 1;
        if (among[mid].atNs < nowNs) {
          lo = mid + 1;
        } else {
          hi = mid;
        }
      }
      int before = lo - 1;
      int after = lo;
      while (before >= 0 || after < among.length) {
        boolean back =
            after >= among.length
                || (before >= 0 && nowNs - among[before].atNs <= among[after].atNs - nowNs);
        Ran set = among[back ? before-- : after++];
        if (fits.test(set)) {
          return set;
        }
      }
      return null;
    }

    private @Nullable Took slice(Ran set, int kind, int step) {
      for (Took took : set.slices) {
        if (took.kind == kind && (step < 0 || took.size / SIZE_STEP == step)) {
          return took;
        }
      }
      return null;
    }

    @Override
    public long tookNs(int kind, int size, long nowNs) {
      Ran same = nearest(nowNs, set -> slice(set, kind, size / SIZE_STEP) != null);
      Took took = same == null ? null : slice(same, kind, size / SIZE_STEP);
      if (took != null) {
        return took.ns;
      }
      Ran any = nearest(nowNs, set -> slice(set, kind, -1) != null);
      took = any == null ? null : slice(any, kind, -1);
      if (took != null) {
        return Math.round(took.ns * (size + 0.5 * SIZE_STEP) / (took.size + 0.5 * SIZE_STEP));
      }
      // a block of layers or a sensor that never ran: as the first of its sort did
      int first = kind > shape.assembleKind() ? shape.layerKinds()[0] : shape.encodeKinds()[0];
      return kind == first ? 1 : tookNs(first, size, nowNs);
    }

    /** Copies the slices of a part of a set, from one of them on; how many the part has. */
    private int copy(Ran set, int size, boolean text, int from, Sink into) {
      int at = 0;
      for (Took took : set.slices) {
        if (text ? took.kind > action : took.kind == action) {
          if (at++ >= from) {
            long ns = took.size == size || took.size == 0 ? took.ns : took.ns * size / took.size;
            into.slice(took.kind, size, Math.max(1, ns));
          }
        }
      }
      return at;
    }

    /**
     * The nearest set that began the part, and what it did not come to from the nearest that ended
     * it: sets that were cut had the slowest slices, and count as much as the others.
     */
    private void begunAndEnded(
        @Nullable Ran begun, Ran ended, int size, boolean text, long nowNs, Sink into) {
      boolean nearer = begun != null && Math.abs(begun.atNs - nowNs) < Math.abs(ended.atNs - nowNs);
      int done = nearer && begun != null ? copy(begun, size, text, 0, into) : 0;
      copy(ended, size, text, done, into);
    }

    private static int sizeOf(Ran set, int kind) {
      for (Took took : set.slices) {
        if (took.kind == kind) {
          return took.size;
        }
      }
      return -1;
    }

    @Override
    public void action(int size, long nowNs, Sink into) {
      Ran begun = nearest(nowNs, set -> sizeOf(set, action) == size);
      Ran ended = nearest(nowNs, set -> hasAction(set) && sizeOf(set, action) == size);
      ended = ended != null ? ended : nearest(nowNs, RecordedRun.this::hasAction);
      if (ended != null) {
        begunAndEnded(begun, ended, size, false, nowNs, into);
      }
    }

    @Override
    public void text(int size, int wanted, long nowNs, Sink into) {
      Fits writes =
          set -> set.facts == wanted && set.slices.get(set.slices.size() - 1).kind > action;
      Fits whole = set -> set.fresh && set.facts > 0 && writes.test(set);
      Ran begun = nearest(nowNs, set -> writes.test(set) && sizeOf(set, action) == size);
      Ran ended = nearest(nowNs, set -> whole.test(set) && sizeOf(set, action) == size);
      ended = ended != null ? ended : nearest(nowNs, whole);
      if (ended != null) {
        begunAndEnded(begun, ended, size, true, nowNs, into);
        return;
      }
      Ran other =
          nearest(
              nowNs,
              set ->
                  set.fresh
                      && set.facts > 0
                      && set.slices.get(set.slices.size() - 1).kind > action);
      if (other == null) {
        return; // the run never wrote: texts are free here
      }
      long sum = other.slices.stream().filter(took -> took.kind > action).mapToLong(Took::ns).sum();
      into.slice(action + 1, size, Math.max(1, sum * wanted / other.facts));
    }

    /**
     * Sets whose deadline was over when the lane first looked have no slice, and waited the longest
     * of all: they count as having waited until then.
     */
    @Override
    public long startDelayNs(long nowNs) {
      Ran set = nearest(handed, nowNs, one -> true);
      if (set == null) {
        return 0;
      }
      long beganNs =
          set.slices.isEmpty() ? set.captureNs + set.budgetNs - reserveNs + 1 : set.first().startNs;
      return Math.max(0, beganNs - set.atNs);
    }

    @Override
    public long gapNs(int kind, long nowNs) {
      Ran set = nearest(ran, nowNs, one -> slice(one, kind, -1) != null);
      if (set == null) {
        return 0;
      }
      long gaps = 0;
      int count = 0;
      for (int i = 0; i < set.slices.size(); i++) {
        Took took = set.slices.get(i);
        if (took.kind == kind) {
          Took before = i == 0 ? took : set.slices.get(i - 1);
          gaps += i == 0 ? 0 : Math.max(0, took.startNs - before.startNs - before.ns);
          count++;
        }
      }
      return count == 0 ? 0 : gaps / count;
    }

    @Override
    public long turnaroundNs(long nowNs) {
      Ran set = nearest(handed, nowNs, one -> one.turnNs >= 0);
      return set == null ? 0 : set.turnNs;
    }

    /** Only what ran is asked for: a session expects something of each slice but the very first. */
    private final boolean expectations =
        sets.values().stream()
            .anyMatch(set -> set.slices.stream().anyMatch(took -> took.expectedNs > 0));

    @Override
    public long expectedNs(int kind, int size, long nowNs) {
      if (!expectations) {
        return NOT_RECORDED; // an older trace
      }
      Ran set = nearest(nowNs, one -> judged(one, kind, size) != null);
      Took took = set == null ? null : judged(set, kind, size);
      return took == null ? NOT_RECORDED : took.expectedNs;
    }

    /** Slice of a kind, and at the same exit where it is a token's, that a set ran or refused. */
    private @Nullable Took judged(Ran set, int kind, int size) {
      for (Took took : set.slices) {
        if (took.kind == kind && (kind < action || took.size == size)) {
          return took;
        }
      }
      Took refused = set.refused;
      return refused != null && refused.kind == kind ? refused : null;
    }

    @Override
    public long messageDelayNs(boolean acted, long nowNs) {
      if (!acted) {
        Ran cut = nearest(nowNs, one -> !hasAction(one) && one.lastMessageNs >= end(one));
        return cut == null ? 0 : cut.lastMessageNs - end(cut);
      }
      Ran set = nearest(nowNs, one -> hasAction(one) && one.messageNs >= 0);
      if (set == null) {
        return 0;
      }
      long doneNs = 0;
      for (Took took : set.slices) {
        doneNs = took.kind == action ? took.startNs + took.ns : doneNs;
      }
      return Math.max(0, set.messageNs - doneNs);
    }

    @Override
    public long reflexNs() {
      return 0; // it runs on the control thread
    }
  }
}
