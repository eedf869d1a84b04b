package saccade.perception.sparsify;

/** Keeps every token; where fewer are asked for, evenly spread ones. */
public record KeepAll() implements Sparsifier {

  @Override
  public int select(CameraSight sight, int most, boolean[] keep) {
    if (most >= keep.length) {
      return Sparsifier.all(keep);
    }
    int guarded = Coverage.guarded(sight.guarded(), keep);
    return Coverage.spread(keep, guarded, Math.max(most, guarded));
  }

  @Override
  public String name() {
    return "none";
  }
}
