package saccade.nodes.video;

/** Why a camera or file gives no picture now; the message is one line for people. */
@SuppressWarnings("serial")
public final class VideoFault extends Exception {
  /** A fault described in one line. */
  public VideoFault(String message) {
    super(message);
  }
}
