package saccade.realtime.ring;

/**
 * One place in the Disruptor ring: which slot, and what lies in it. Preallocated, written by the
 * producer only.
 */
final class FrameDescriptor {
  long handle;
  long captureNs;
  long arrivedNs;
  long publishedNs;
  int byteLength;
  int width;
  int height;
  int format;
}
