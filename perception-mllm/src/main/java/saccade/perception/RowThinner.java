package saccade.perception;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import saccade.perception.decode.Decoder;
import saccade.perception.model.ModelPackage;
import saccade.perception.sparsify.DecoderPruner;
import saccade.perception.sparsify.DecoderRows;

/**
 * Hot path. Drops visual rows of a set between two slices of the decoder, as a pruner says; guarded
 * ones never. Scores that are not finite make it spread the rows evenly; that is counted.
 */
final class RowThinner {
  private final @Nullable DecoderPruner pruner;
  private final DecoderRows rows;
  private final boolean[] guarded; // (rows) moves along with the rows
  private final boolean[] keep; // (rows)
  private long degraded;

  /**
   * Memory for a stream.
   *
   * @param pruner null: nothing is ever dropped
   */
  RowThinner(ModelPackage model, @Nullable DecoderPruner pruner, int mostRows) {
    this.pruner = pruner;
    this.rows = new DecoderRows(model, pruner == null ? 1 : mostRows);
    this.guarded = new boolean[mostRows];
    this.keep = new boolean[mostRows];
  }

  /** Whether queries and keys of a slice's last layer are needed. */
  static boolean taps(@Nullable DecoderPruner pruner, int slice) {
    return pruner != null && pruner.needsAttention() && pruner.actsAfter(slice);
  }

  /** Starts a set: which rows must stay. */
  void begin(boolean[] guardedRows) {
    System.arraycopy(guardedRows, 0, guarded, 0, Math.min(guarded.length, guardedRows.length));
  }

  /** Selections whose scores were not finite. */
  long degraded() {
    return degraded;
  }

  /**
   * Thins the rows after a slice.
   *
   * @param count rows there are
   * @return rows left
   */
  int thin(int slice, int count, Decoder decoder) {
    DecoderPruner by = pruner;
    if (by == null || !by.actsAfter(slice)) {
      return count;
    }
    rows.show(
        count,
        decoder.slots(),
        guarded,
        decoder.states(slice),
        decoder.queries(slice),
        decoder.keys(slice));
    int visual = 0;
    int kept = 0;
    for (int row = 0; row < count; row++) {
      boolean sight = rows.isVisual(row);
      keep[row] = !sight || guarded[row];
      visual += sight ? 1 : 0;
      kept += sight && guarded[row] ? 1 : 0;
    }
    int budget = Math.clamp(by.wanted(slice, visual), kept, visual);
    if (budget == visual) {
      return count;
    }
    if (!by.choose(rows, slice, kept, budget, keep)) {
      degraded++;
      spread(count, visual - kept, budget - kept);
    }
    int left = 0;
    for (int row = 0; row < count; row++) {
      if (keep[row]) {
        guarded[left++] = guarded[row];
      }
    }
    Arrays.fill(guarded, left, guarded.length, true);
    return decoder.thin(slice, count, keep);
  }

  /** Of the visual rows without a guard evenly spread ones. */
  private void spread(int count, int free, int wanted) {
    int seen = 0;
    int chosen = 0;
    for (int row = 0; row < count; row++) {
      keep[row] = !rows.isVisual(row) || guarded[row];
      if (!keep[row]) {
        if (chosen < wanted && seen == (2 * chosen + 1) * free / (2 * wanted)) {
          keep[row] = true;
          chosen++;
        }
        seen++;
      }
    }
  }
}
