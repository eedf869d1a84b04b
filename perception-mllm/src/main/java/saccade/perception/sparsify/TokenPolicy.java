package saccade.perception.sparsify;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.Rig;
import saccade.perception.model.ModelPackage;
import saccade.perception.model.ModelPackage.CameraInput;

/**
 * Which pictures are encoded and which of their tokens go where, as one word in an options line or
 * a graph file. Set-up only.
 *
 * <pre>
 *   policy   = part { "+" part }
 *   part     = "int8" | frames | "hold" | sparsifier | pruner
 *   frames   = "vts" [ ":" sets [ "/" sets ] ]           vts:1/4
 *            | "every" ":" sets [ "/" sets ]             hold+every:2/4
 *   sparsifier = name [ "@" share ] [ "/" spread ]        visionzip@0.25/ahead
 *              | filter ">" correlate ">" compress [..]   pixel-variance>nearest>mean@0.12
 *   pruner   = "fastv" | "sparsevlm" | "vtw" [ "@" share ] [ ":" layers below ]
 * </pre>
 *
 * <p>Share: of the camera tokens that stay, above 0 up to 1; default 1. Spread over the cameras:
 * {@code even} (default), {@code ahead} (four times as many for those that look ahead), {@code
 * path} (by how much of the planned path they see).
 *
 * <p>Frames: most sets from one encoded picture to the next, of a camera that looks ahead / of
 * another one (default: the same). {@code vts} (default 3) skips what is like the last encoded
 * picture, {@code every} goes by turns. With {@code hold} the tokens of the last encoded picture
 * stand in for one that is not, see {@link FrameProposal}. {@code int8}: by the package's encoder
 * in int8.
 *
 * @param text as it was written
 * @param int8 whether cameras are encoded in int8
 * @param frames which pictures are encoded; null: all
 * @param sparsifier name of a whole one, or of its filter
 * @param correlate null: as the sparsifier's card says
 * @param compress null: as the sparsifier's card says
 * @param share of the camera tokens before the decoder
 * @param spread of them over the cameras
 * @param pruner inside the decoder; null: none
 * @param prunerShare of the camera tokens that it leaves
 * @param prunerLayers decoder layers below it, 0: its default
 */
public record TokenPolicy(
    String text,
    boolean int8,
    @Nullable Frames frames,
    String sparsifier,
    @Nullable String correlate,
    @Nullable String compress,
    double share,
    String spread,
    @Nullable String pruner,
    double prunerShare,
    int prunerLayers) {

  /**
   * Which pictures are encoded.
   *
   * @param byChange whether the picture decides ({@code vts}), else turns do ({@code every})
   * @param ahead most sets from one encoded picture to the next, of a camera that looks ahead
   * @param elsewhere the same for the others
   * @param hold whether the last encoded picture's tokens are given again
   */
  public record Frames(boolean byChange, int ahead, int elsewhere, boolean hold) {
    private Sparsifier before(Sparsifier inner, CameraInput camera) {
      return byChange
          ? new VtsFrames(camera, ahead, elsewhere, hold, inner)
          : new StaggeredFrames(camera.count(), ahead, elsewhere, hold, inner);
    }
  }

  /** Sparsifiers before the decoder. */
  public static final List<String> SPARSIFIERS =
      List.of(
          "none",
          "random",
          "uniform",
          "pooling",
          "pixel-variance",
          "evs",
          "divprune",
          "visionzip",
          "prumerge",
          "folder",
          "ficoco",
          "planner");

  /** Pruners inside the decoder. */
  public static final List<String> PRUNERS = List.of("fastv", "sparsevlm", "vtw");

  private static final String BY_CHANGE = "vts";
  private static final String BY_TURNS = "every";
  private static final String HOLD = "hold";
  private static final String INT8 = "int8";
  private static final List<String> SPREADS = List.of("even", "ahead", "path");
  private static final List<String> CORRELATES = List.of("nearest", "window", "attention");
  private static final List<String> COMPRESSES = List.of("mean", "halves");
  private static final Map<String, Double> PRUNER_SHARES =
      Map.of("fastv", 0.5, "sparsevlm", 0.33, "vtw", 0.0);
  private static final Set<String> MERGING =
      Set.of("visionzip", "prumerge", "folder", "ficoco", "pooling");
  private static final long RANDOM_SEED = 20_261;

  /**
   * Reads a policy.
   *
   * @throws IllegalArgumentException in one line: found, wanted
   */
  public static TokenPolicy parse(String text) {
    Reading reading = new Reading(text);
    for (String part : text.strip().split("\\+", -1)) {
      reading.part(part.strip().toLowerCase(Locale.ROOT));
    }
    return reading.policy();
  }

  /** The parts read so far. */
  private static final class Reading {
    final String text;
    boolean int8;
    @Nullable Frames frames;
    boolean hold;
    String sparsifier = "";
    @Nullable String correlate;
    @Nullable String compress;
    double share = 1;
    String spread = SPREADS.getFirst();
    @Nullable String pruner;
    double prunerShare;
    int prunerLayers;

    Reading(String text) {
      this.text = text.strip();
    }

    void part(String part) {
      int mark = part.indexOf(':');
      String word = mark < 0 ? part : part.substring(0, mark);
      if (word.equals(BY_CHANGE) || word.equals(BY_TURNS)) {
        frames(part, word.equals(BY_CHANGE), mark < 0 ? "" : part.substring(mark + 1));
      } else if (part.equals(HOLD) && !hold) {
        hold = true;
      } else if (part.equals(INT8) && !int8) {
        int8 = true;
      } else {
        tokens(part);
      }
    }

    private void frames(String part, boolean byChange, String sets) {
      String[] both = sets.split("/", -1);
      if (frames != null
          || both.length > 2
          || (sets.isEmpty() && (!byChange || !part.equals(BY_CHANGE)))) {
        throw wrong(part, "vts, vts:SETS/SETS or every:SETS/SETS, once");
      }
      int ahead = sets.isEmpty() ? VtsFrames.SETS : sets(both[0]);
      frames = new Frames(byChange, ahead, both.length == 2 ? sets(both[1]) : ahead, false);
    }

    private int sets(String found) {
      int sets = wholeNumber(found, "a number of sets, 1.." + FrameProposal.LONGEST);
      if (sets > FrameProposal.LONGEST) {
        throw wrong(":" + found, "a number of sets, 1.." + FrameProposal.LONGEST);
      }
      return sets;
    }

    private void tokens(String part) {
      String rest = part;
      int layers = 0;
      int colon = rest.indexOf(':');
      if (colon >= 0) {
        layers = wholeNumber(rest.substring(colon + 1), "a number of decoder layers");
        rest = rest.substring(0, colon);
      }
      String wide = "";
      int slash = rest.indexOf('/');
      if (slash >= 0) {
        wide = oneOf("spread", rest.substring(slash + 1), SPREADS);
        rest = rest.substring(0, slash);
      }
      double kept = Double.NaN;
      int at = rest.indexOf('@');
      if (at >= 0) {
        kept = number(rest.substring(at + 1));
        rest = rest.substring(0, at);
      }
      String[] stages = rest.split(">", -1);
      boolean isPruner = PRUNERS.contains(rest);
      if (isPruner && pruner == null) {
        pruner = rest;
        prunerShare = Double.isNaN(kept) ? PRUNER_SHARES.getOrDefault(rest, 1.0) : kept;
        prunerLayers = layers;
        none(Double.NaN, wide, 0, "a pruner without a spread over cameras");
      } else if (!isPruner && sparsifier.isEmpty()) {
        sparsifier = oneOf("sparsifier", stages[0], SPARSIFIERS);
        stages(stages);
        share = Double.isNaN(kept) ? 1 : kept;
        spread = wide.isEmpty() ? spread : wide;
        none(Double.NaN, "", layers, "layers of a pruner only");
      } else {
        throw wrong(part, "one sparsifier and one pruner");
      }
    }

    private void stages(String[] stages) {
      if (stages.length == 3) {
        if (MERGING.contains(sparsifier) || sparsifier.equals("none")) {
          throw wrong(sparsifier, "a filter that merges nothing by itself before '>'");
        }
        correlate = oneOf("correlate", stages[1], CORRELATES);
        compress = oneOf("compress", stages[2], COMPRESSES);
      } else if (stages.length != 1) {
        throw wrong(String.join(">", stages), "filter, or filter>correlate>compress");
      }
    }

    private void none(double kept, String wide, int layers, String wanted) {
      if (!Double.isNaN(kept) || !wide.isEmpty() || layers != 0) {
        throw wrong(text, wanted);
      }
    }

    private String oneOf(String what, String found, List<String> wanted) {
      if (!wanted.contains(found)) {
        String also =
            what.equals("sparsifier")
                ? ", int8, vts, every, hold, " + String.join(", ", PRUNERS)
                : "";
        throw wrong(found, what + " one of " + String.join(", ", wanted) + also);
      }
      return found;
    }

    private double number(String found) {
      double value = Double.NaN;
      try {
        value = Double.parseDouble(found);
      } catch (NumberFormatException e) {
        throw wrong("@" + found, "a share of the tokens above 0 up to 1");
      }
      if (!(value > 0 && value <= 1)) {
        throw wrong("@" + found, "a share of the tokens above 0 up to 1");
      }
      return value;
    }

    private int wholeNumber(String found, String wanted) {
      if (!found.matches("[1-9][0-9]{0,3}")) {
        throw wrong(":" + found, wanted);
      }
      return Integer.parseInt(found);
    }

    private IllegalArgumentException wrong(String found, String wanted) {
      return new IllegalArgumentException(
          "token policy '%s': found '%s', wanted %s".formatted(text, found, wanted));
    }

    TokenPolicy policy() {
      Frames chosen = frames;
      if (hold && chosen == null) {
        throw wrong(HOLD, "vts or every beside it, which say what is held");
      }
      return new TokenPolicy(
          text,
          int8,
          chosen == null ? null : new Frames(chosen.byChange, chosen.ahead, chosen.elsewhere, hold),
          sparsifier.isEmpty() ? "none" : sparsifier,
          correlate,
          compress,
          share,
          spread,
          pruner,
          prunerShare,
          prunerLayers);
    }
  }

  /**
   * Makes the sparsifier of one stream.
   *
   * @param rig whose cameras take the model's places; the planned path is projected into them
   */
  public Sparsifier sparsifier(ModelPackage model, Rig rig) {
    CameraInput camera = model.camera();
    TokenBudgets budgets =
        switch (spread) {
          case "ahead" -> TokenBudgets.ahead(camera, share);
          case "path" ->
              TokenBudgets.weighted(
                  camera, share, new PlannerInterest(camera, rig.cameras()).weights());
          default -> TokenBudgets.even(camera, share);
        };
    return sparsifier(model, rig, budgets);
  }

  /** As the other one, with tokens of each camera place given. */
  public Sparsifier sparsifier(ModelPackage model, Rig rig, TokenBudgets budgets) {
    Sparsifier made = whole(model, rig, budgets);
    return frames == null ? made : frames.before(made, model.camera());
  }

  /**
   * Whether cameras are encoded in int8.
   *
   * @throws IllegalArgumentException in one line when the package cannot do that
   */
  public boolean encodesInInt8(ModelPackage model) {
    if (int8 && !model.hasInt8Encoder()) {
      throw new IllegalArgumentException(
          "token policy '%s': found no %s in the package of %s, wanted it for %s"
              .formatted(text, ModelPackage.CAMERA_ENCODER_INT8, model.name(), INT8));
    }
    return int8;
  }

  private Sparsifier whole(ModelPackage model, Rig rig, TokenBudgets budgets) {
    int tokens = model.camera().tokens();
    int dim = model.decoder().hidden();
    if (sparsifier.equals("none") && share == 1) {
      return new KeepAll();
    }
    Filter filter =
        switch (sparsifier) {
          case "random" -> new RandomTokens(tokens, RANDOM_SEED);
          case "pixel-variance" -> new PixelVariance(model.camera());
          case "evs" -> new Evs(model.camera().count(), tokens, dim);
          case "divprune" -> new DivPrune(tokens);
          case "visionzip" -> new VisionZip(tokens);
          case "prumerge" -> new PruMerge(tokens);
          case "folder" -> new Folder(tokens, dim);
          case "ficoco" -> new FiCoCo(tokens);
          case "planner" -> new PlannerInterest(model.camera(), rig.cameras());
          default -> new UniformTokens(); // uniform, pooling, none with a share
        };
    return new StagedSparsifier(
        sparsifier + (correlate == null ? "" : ">" + correlate + ">" + compress),
        tokens,
        budgets,
        filter,
        correlate(filter, tokens),
        compress(filter, tokens));
  }

  private @Nullable Correlate correlate(Filter filter, int tokens) {
    String word = correlate;
    if (word == null) {
      return sparsifier.equals("pooling")
          ? new AveragePooling()
          : filter instanceof Correlate own ? own : null;
    }
    return switch (word) {
      case "nearest" -> new NearestKept(tokens);
      case "window" -> new AveragePooling();
      default -> new FiCoCo(tokens);
    };
  }

  private @Nullable Compress compress(Filter filter, int tokens) {
    String word = compress;
    if (word == null) {
      return sparsifier.equals("pooling")
          ? new MeanOfGroup()
          : filter instanceof Compress own ? own : null;
    }
    return word.equals("mean") ? new MeanOfGroup() : new FiCoCo(tokens);
  }

  /**
   * Makes the pruner of one stream; null: none.
   *
   * @throws IllegalArgumentException in one line when the model is not split there
   */
  public @Nullable DecoderPruner pruner(ModelPackage model) {
    String word = pruner;
    if (word == null) {
      return null;
    }
    int rows = model.slots().act() + 1 + model.action().tokens();
    int slices = model.decoder().slices();
    if (slices < 2) {
      throw new IllegalArgumentException(
          "token policy '%s': found a decoder in one piece, wanted one with split points"
              .formatted(text));
    }
    return switch (word) {
      case "fastv" -> new FastV(afterSlice(model, 0), prunerShare, rows);
      case "sparsevlm" -> new SparseVlm(slices, prunerShare, rows);
      default -> new Vtw(afterSlice(model, slices - 2));
    };
  }

  private int afterSlice(ModelPackage model, int byDefault) {
    if (prunerLayers == 0) {
      return byDefault;
    }
    List<Integer> splits = new ArrayList<>();
    int layers = 0;
    for (int slice = 0; slice < model.decoder().slices() - 1; slice++) {
      layers += model.decoder().layersPerSlice()[slice];
      splits.add(layers);
    }
    if (!splits.contains(prunerLayers)) {
      throw new IllegalArgumentException(
          "token policy '%s': found %d layers below the pruner, wanted a split point of %s: %s"
              .formatted(text, prunerLayers, model.name(), splits));
    }
    return splits.indexOf(prunerLayers);
  }

  @Override
  public String toString() {
    return text;
  }
}
