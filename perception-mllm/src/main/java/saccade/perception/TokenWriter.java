package saccade.perception;

import java.util.Arrays;
import saccade.perception.decode.Decoder;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.ModelPackage.Exit;
import saccade.perception.model.ModelPackage.SlotLayout;
import saccade.perception.tokens.Grammar;
import saccade.perception.tokens.TokenChoice;

/**
 * Hot path. Writes the action tokens of a set and then its sentence, one token after another, each
 * chosen among those the grammar allows.
 *
 * <p>Draft: what the set before said is often said again. Its tokens are run together in one go,
 * and as far as the model would have chosen the same ones they stand; the first other one is
 * replaced by the model's own choice and what was run behind it is forgotten. So a draft never
 * changes what is said (beyond the last bits of a sum over more rows), only how many runs it takes:
 * the action's draft rides on the prefill, the sentence's is one run of its own.
 *
 * <pre>
 *   prefill rows   | sensors .. | act | maneuver a0 a1 a2 k0 |       logits of row "act" choose the maneuver, of row
 *                                       from the set before          "maneuver" a0, ... until one differs
 *   sentence rows  | k1 | say | road light .. |
 * </pre>
 */
final class TokenWriter {

  /** Drafted runs of one sentence that may end at a wrong token; then it goes on without. */
  private static final int MOST_MISSES = 3;

  /** Facts that the first slice of layers drafts at once: LayerSkip's G. */
  private static final int MOST_FROM_BELOW = 6;

  private final SlotLayout slots;
  private final Grammar grammar;
  private final Decoder decoder;
  private final boolean drafts;
  private final boolean layerSkip;
  private final TokenChoice choice = new TokenChoice();

  // What the sets before said; what the draft is made of.
  private final int[] lastAction; // (action tokens)
  private boolean hasLastAction;
  private final int[] lastFacts; // (facts) token said last, by whatever set; NOT_SPOKEN: never

  // The set under way.
  private int promptRow;
  private int draftRows; // rows behind the prompt's that still agree with what was chosen
  private int actionCount;
  private final int[] actionIds; // (action tokens)
  private final float[] actionConfidence; // (action tokens)
  private int fact; // to be decided next
  private int spoken;
  private int mostFacts;
  private int misses; // drafted runs of the sentence that ended at a wrong token
  private int pendingFact; // decided, but its token was not run yet
  private final int[] factIds; // (facts) as the grammar saw them
  private final int[] factValues; // (facts)
  private final float[] factConfidence; // (facts)
  private final int[] draftIds; // (facts) scratch: chosen so far, then as drafted
  private final int[] draftFacts; // (facts) scratch: fact of each drafted row

  // What an exit would say.
  private final float[] guesses; // (action tokens) expected value on a scale 0..1
  private final float[] guessesBefore; // (action tokens) of the exit before, or of the set before
  private final float[] guessConfidence; // (action tokens)
  private int guessCount;
  private boolean guessedBefore;

  // Counters since construction.
  private long drafted;
  private long accepted;

  /**
   * A writer that has said nothing yet.
   *
   * @param layerSkip facts without a draft from before are drafted by the first slice of layers
   */
  TokenWriter(ModelPackage model, Decoder decoder, boolean drafts, boolean layerSkip) {
    this.slots = model.slots();
    this.grammar = new Grammar(model);
    this.decoder = decoder;
    this.drafts = drafts;
    this.layerSkip = layerSkip;
    this.guesses = new float[model.action().tokens()];
    this.guessesBefore = new float[model.action().tokens()];
    this.guessConfidence = new float[model.action().tokens()];
    int actions = grammar.actionTokens();
    int facts = grammar.facts();
    this.lastAction = new int[actions];
    this.lastFacts = new int[facts];
    this.actionIds = new int[actions];
    this.actionConfidence = new float[actions];
    this.factIds = new int[facts];
    this.factValues = new int[facts];
    this.factConfidence = new float[facts];
    this.draftIds = new int[facts];
    this.draftFacts = new int[facts];
    forget();
  }

  Grammar grammar() {
    return grammar;
  }

  /** Most rows behind the prompt's that {@link #prompt} adds. */
  static int mostDraftRows(ModelPackage model) {
    return model.action().tokens() - 1;
  }

  /** Forgets what earlier sets said. */
  void forget() {
    hasLastAction = false;
    Arrays.fill(lastFacts, Grammar.NOT_SPOKEN);
  }

  /**
   * Nothing is said yet in the new set.
   *
   * @param most facts of the sentence
   */
  void begin(int most) {
    mostFacts = most;
    draftRows = 0;
    actionCount = 0;
    spoken = 0;
    misses = 0;
    pendingFact = -1;
    guessCount = 0;
    guessedBefore = false;
    Arrays.fill(factIds, Grammar.NOT_SPOKEN);
    fact = grammar.nextFact(0, factIds);
    Arrays.fill(factValues, Grammar.NOT_SPOKEN);
    Arrays.fill(factConfidence, 0);
  }

  /**
   * Puts the action prompt, and the action's draft, behind the sensor rows.
   *
   * @param row first free row
   * @return rows in all
   */
  int prompt(int row) {
    promptRow = row;
    int rows = row;
    decoder.setRow(rows++, slots.act(), ModelPackage.ACT_ID);
    if (drafts && hasLastAction) {
      draftRows = actionIds.length - 1; // nothing follows from the last one
      for (int i = 0; i < draftRows; i++) {
        decoder.setRow(rows++, slots.action() + i, lastAction[i]);
      }
      drafted += draftRows;
    }
    return rows;
  }

  /** Row of the action prompt in the prefill. */
  int promptRow() {
    return promptRow;
  }

  /** So many rows before the prompt's were dropped. */
  void promptMoved(int rowsDropped) {
    promptRow -= rowsDropped;
  }

  // ---- what an exit would say ----

  /**
   * Guesses the action after a slice of the prefill: the maneuver, and what follows under the
   * draft.
   *
   * @return false when a logit was not finite
   */
  boolean guess(int slice) {
    boolean first = guessCount == 0;
    if (!first) {
      System.arraycopy(guesses, 0, guessesBefore, 0, guessCount);
    }
    int count = 1 + draftRows;
    for (int i = 0; i < count; i++) {
      int[] allowed = grammar.allowedAction(i);
      if (first && draftRows > 0) {
        guessesBefore[i] = place(lastAction[i], allowed);
      }
      if (!choice.pick(decoder.logits(slice, promptRow + i), allowed)) {
        return false;
      }
      guessConfidence[i] = choice.probability();
      guesses[i] = choice.mean();
    }
    guessedBefore = !first || draftRows > 0;
    guessCount = count;
    return true;
  }

  /** Action tokens guessed at the last exit. */
  int guesses() {
    return guessCount;
  }

  float guessConfidence(int token) {
    return guessConfidence[token];
  }

  /** Mean distance to the guesses before, NaN without any. */
  float guessChange() {
    float sum = 0;
    for (int i = 0; i < guessCount; i++) {
      sum += Math.abs(guesses[i] - guessesBefore[i]);
    }
    return guessedBefore ? sum / guessCount : Float.NaN;
  }

  /** A token's place among the allowed ones, 0..1. */
  private static float place(int id, int[] allowed) {
    int at = 0;
    while (at < allowed.length - 1 && allowed[at] != id) {
      at++;
    }
    return allowed.length < 2 ? 0 : (float) at / (allowed.length - 1);
  }

  /** Whether all action tokens are decided. */
  boolean actionReady() {
    return actionCount == actionIds.length;
  }

  /** Whether the sentence is whole. */
  boolean sentenceReady() {
    return fact == grammar.facts() || spoken >= mostFacts;
  }

  /** Whether {@link #draftSentence} has something to go by. */
  boolean hasSentenceDraft(int exit) {
    return saidBefore() || layerSkip && exit > 0 && misses < MOST_MISSES;
  }

  private boolean saidBefore() {
    return drafts
        && misses < MOST_MISSES
        && fact < grammar.facts()
        && lastFacts[fact] != Grammar.NOT_SPOKEN;
  }

  /**
   * Decides one action token.
   *
   * @param exit slice of layers that decides
   * @return false when a logit was not finite
   */
  boolean decideAction(int exit) {
    int row = promptRow + actionCount; // the prompt's, or a drafted token's that was right
    if (actionCount > 0 && draftRows == 0) {
      decoder.setRow(0, slots.action() + actionCount - 1, actionIds[actionCount - 1]);
      run(exit, 1);
      row = 0;
    }
    if (!choice.pick(decoder.logits(exit, row), grammar.allowedAction(actionCount))) {
      return false;
    }
    if (draftRows > 0) {
      checkActionDraft(exit);
    }
    actionIds[actionCount] = choice.id();
    actionConfidence[actionCount] = choice.probability();
    actionCount++;
    if (actionReady()) {
      System.arraycopy(actionIds, 0, lastAction, 0, actionIds.length);
      hasLastAction = true;
    }
    return true;
  }

  /** The newest choice against the draft; when they differ, what was run on the draft goes. */
  private void checkActionDraft(int exit) {
    int last = actionIds.length - 1;
    if (actionCount == last) {
      draftRows = 0; // all of them stand
    } else if (choice.id() == lastAction[actionCount]) {
      accepted++;
    } else {
      decoder.forgetRows(exit, last - actionCount);
      draftRows = 0;
    }
  }

  /**
   * Decides one fact of the sentence. The first one follows the last action token and the sentence
   * prompt, in one run.
   *
   * @return false when a logit was not finite
   */
  boolean decideFact(int exit) {
    int rows = placePending();
    run(exit, rows);
    return choose(exit, rows - 1, fact);
  }

  /**
   * Decides as many facts as the sets before said likewise, or as the first slice of layers chooses
   * like all of them; at least one.
   *
   * @return false when a logit was not finite
   */
  boolean draftSentence(int exit) {
    return saidBefore() ? draftFromBefore(exit) : draftFromBelow(exit);
  }

  /**
   * LayerSkip: the first slice of layers writes some facts one by one; the layers above, which have
   * not seen them yet, check all of them in one run, with the states of the first slice as they
   * are.
   */
  private boolean draftFromBelow(int exit) {
    int first = placePending();
    int rows = first;
    System.arraycopy(factIds, 0, draftIds, 0, factIds.length);
    decoder.run(0, first);
    decoder.putAside(0, first, 0);
    int f = fact;
    int fromRow = first - 1;
    while (f < grammar.facts()
        && rows - first + 1 < Math.min(MOST_FROM_BELOW, mostFacts - spoken)) {
      if (!choice.pick(decoder.logits(0, fromRow), grammar.allowedFact(f))) {
        return false;
      }
      draftIds[f] = choice.id();
      int next = grammar.nextFact(f + 1, draftIds);
      if (next == grammar.facts()) {
        break; // nothing follows from the last one
      }
      decoder.setRow(0, grammar.factSlot(f), draftIds[f]);
      draftFacts[rows - first] = f;
      decoder.run(0, 1);
      decoder.putAside(0, 1, rows);
      rows++;
      fromRow = 0;
      f = next;
    }
    drafted += rows - first;
    decoder.takeBack(0, rows);
    for (int slice = 1; slice <= exit; slice++) {
      decoder.run(slice, rows);
    }
    return check(exit, first, rows);
  }

  private boolean draftFromBefore(int exit) {
    int first = placePending();
    int rows = first;
    System.arraycopy(factIds, 0, draftIds, 0, factIds.length);
    int last = -1;
    int drafts = 0;
    for (int f = fact;
        f < grammar.facts() && lastFacts[f] != Grammar.NOT_SPOKEN && drafts < mostFacts - spoken;
        drafts++) {
      if (last >= 0) { // a row predicts what follows: the last one drafted is not run
        decoder.setRow(rows, grammar.factSlot(last), draftIds[last]);
        draftFacts[rows - first] = last;
        rows++;
      }
      draftIds[f] = lastFacts[f];
      last = f;
      f = grammar.nextFact(f + 1, draftIds);
    }
    drafted += rows - first;
    run(exit, rows);
    return check(exit, first, rows);
  }

  /** Takes drafted facts over as far as the model chooses them too, and the first other one. */
  private boolean check(int exit, int first, int rows) {
    int row = first - 1;
    if (!choose(exit, row, fact)) {
      return false;
    }
    while (row + 1 < rows && stands(draftFacts[row + 1 - first])) {
      row++;
      accepted++;
      if (!choose(exit, row, fact)) {
        return false;
      }
    }
    misses += row + 1 < rows ? 1 : 0;
    decoder.forgetRows(exit, rows - 1 - row);
    return true;
  }

  private boolean stands(int draftedFact) {
    return factIds[draftedFact] == draftIds[draftedFact];
  }

  /** Takes the best value of a fact from the logits of a row, and goes on to the next fact. */
  private boolean choose(int exit, int row, int of) {
    if (!choice.pick(decoder.logits(exit, row), grammar.allowedFact(of))) {
      return false;
    }
    factIds[of] = choice.id();
    factValues[of] = choice.index();
    factConfidence[of] = choice.probability();
    lastFacts[of] = choice.id();
    pendingFact = of;
    spoken++;
    fact = grammar.nextFact(of + 1, factIds);
    return true;
  }

  /** Puts the token that was decided last into the first rows; how many these are. */
  private int placePending() {
    if (spoken > 0) {
      decoder.setRow(0, grammar.factSlot(pendingFact), factIds[pendingFact]);
      return 1;
    }
    int last = actionIds.length - 1;
    decoder.setRow(0, slots.action() + last, actionIds[last]);
    decoder.setRow(1, slots.say(), ModelPackage.SAY_ID);
    return 2;
  }

  private void run(int exit, int rows) {
    for (int slice = 0; slice <= exit; slice++) {
      decoder.run(slice, rows);
    }
  }

  // ---- what was said, for the output ----

  /** All facts are unsaid: their numbers cannot be trusted. Neither can they be a draft. */
  void unsay() {
    Arrays.fill(factIds, Grammar.NOT_SPOKEN);
    Arrays.fill(factValues, Grammar.NOT_SPOKEN);
    Arrays.fill(factConfidence, 0);
    forget();
  }

  /** Leaves of the facts only those that an exit may decide. */
  void keepOnly(Exit decided) {
    for (int i = 0; i < factIds.length; i++) {
      if (factIds[i] == Grammar.NOT_SPOKEN || !decided.mayDecide(grammar.factName(i))) {
        factIds[i] = Grammar.NOT_SPOKEN;
        factValues[i] = Grammar.NOT_SPOKEN;
        factConfidence[i] = 0;
      }
    }
  }

  int[] actionIds() {
    return actionIds.clone();
  }

  float[] actionConfidence() {
    return actionConfidence.clone();
  }

  int[] factIds() {
    return factIds.clone();
  }

  int[] factValues() {
    return factValues.clone();
  }

  float[] factConfidence() {
    return factConfidence.clone();
  }

  String sentence() {
    return grammar.sentence(factIds);
  }

  /** Tokens run on a draft since construction, and how many of them stood. */
  long drafted() {
    return drafted;
  }

  long accepted() {
    return accepted;
  }
}
