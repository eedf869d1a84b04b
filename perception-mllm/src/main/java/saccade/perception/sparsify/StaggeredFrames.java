package saccade.perception.sparsify;

/**
 * Hot path. Pictures by turns: each camera has a key frame every few sets, and the cameras take
 * turns so that about as many are encoded in each set. In between a picture is not even resized.
 *
 * <pre>
 *   every:2/4, six cameras   set 0   1   2   3
 *   front_wide, front_tele       w   t   w   t
 *   left, right, rear x 2        l   r   rl  rr
 * </pre>
 *
 * <p>A camera without a key frame, or whose turn went by without a picture, is encoded at once.
 */
public final class StaggeredFrames extends FrameProposal {
  private final int ahead;
  private final int elsewhere;
  private final int places;
  private long set;

  /**
   * Proposes frames for another sparsifier.
   *
   * @param places camera places of the model
   * @param ahead a camera that looks ahead is encoded every so many sets
   * @param elsewhere the same for the others
   * @param holds whether the key frame's tokens are given again
   */
  public StaggeredFrames(int places, int ahead, int elsewhere, boolean holds, Sparsifier inner) {
    super(places, holds, inner);
    this.places = places;
    this.ahead = ahead;
    this.elsewhere = elsewhere;
  }

  @Override
  public void nextSet() {
    super.nextSet();
    set++;
  }

  @Override
  public boolean due(int camera) {
    boolean first = camera < LOOKING_AHEAD;
    int period = first ? ahead : elsewhere;
    int among = first ? Math.min(LOOKING_AHEAD, places) : places - LOOKING_AHEAD;
    int turn = (first ? camera : camera - LOOKING_AHEAD) * period / among;
    return age(camera) >= period || Math.floorMod(set, period) == turn || skip();
  }

  @Override
  public boolean encodes(CameraSight sight) {
    return key(sight);
  }

  @Override
  public String name() {
    return name("every", ahead, elsewhere);
  }
}
