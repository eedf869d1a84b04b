package saccade.nodes.video;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_LOW_DELAY;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_HEVC;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_PNG;
import static org.bytedeco.ffmpeg.global.avcodec.av_new_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGR24;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.swscale.SWS_POINT;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;

import java.lang.foreign.MemorySegment;
import java.util.Locale;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/**
 * Decodes pictures that come one a message: JPEG and PNG each by itself, H.264 and H.265 (Annex B)
 * as a stream that begins at a key frame. By FFmpeg. Owns what FFmpeg allocates for it; one thread.
 */
public final class PacketDecoder implements AutoCloseable {
  private static final long MOST_PIXELS = 64L << 20;
  private static final int MOST_BYTES = 64 << 20;

  static {
    av_log_set_level(AV_LOG_QUIET);
  }

  /** How pictures are coded. */
  public enum Coding {
    JPEG(AV_CODEC_ID_MJPEG, false),
    PNG(AV_CODEC_ID_PNG, false),
    H264(AV_CODEC_ID_H264, true),
    H265(AV_CODEC_ID_HEVC, true);

    private final int codec;
    private final boolean stream;

    Coding(int codec, boolean stream) {
      this.codec = codec;
      this.stream = stream;
    }

    /** Whether a picture needs those before it. */
    public boolean isStream() {
      return stream;
    }

    /**
     * The coding that the field format of sensor_msgs/CompressedImage names: {@code jpeg}, {@code
     * rgb8; jpeg compressed bgr8}, {@code h264}, ...
     *
     * @return null for one that is not read here
     */
    public static @Nullable Coding of(String format) {
      String text = format.toLowerCase(Locale.ROOT);
      if (text.contains("jpeg") || text.contains("jpg")) {
        return JPEG;
      }
      if (text.contains("png")) {
        return PNG;
      }
      if (text.contains("h264") || text.contains("h.264") || text.contains("avc")) {
        return H264;
      }
      return text.contains("h265") || text.contains("h.265") || text.contains("hevc") ? H265 : null;
    }
  }

  /** A pointer to memory that is not JavaCPP's. */
  private static final class At extends BytePointer {
    At() {
      super((Pointer) null);
    }

    At to(long where) {
      address = where;
      return this;
    }
  }

  private final Coding coding;
  private final AVCodecContext codec;
  private final AVPacket packet;
  private final AVFrame frame;
  private final At target = new At();
  private final PointerPointer<BytePointer> targets = new PointerPointer<>(4);
  private final IntPointer strides = new IntPointer(4);
  private @Nullable SwsContext scaler;
  private int scaledWidth;
  private int scaledHeight;
  private int scaledFormat;
  private boolean closed;

  /**
   * @throws VideoFault when FFmpeg has no such decoder here
   */
  public PacketDecoder(Coding coding) throws VideoFault {
    this.coding = coding;
    AVCodec decoder = avcodec_find_decoder(coding.codec);
    if (decoder == null) {
      throw new VideoFault("expected a decoder for " + coding + ", found none");
    }
    codec = avcodec_alloc_context3(decoder);
    codec.flags(codec.flags() | AV_CODEC_FLAG_LOW_DELAY);
    codec.thread_count(1);
    codec.max_pixels(MOST_PIXELS);
    packet = av_packet_alloc();
    frame = av_frame_alloc();
    if (avcodec_open2(codec, decoder, (AVDictionary) null) < 0) {
      close();
      throw new VideoFault("expected a decoder for " + coding + ", found one that does not open");
    }
  }

  /** What it decodes. */
  public Coding coding() {
    return coding;
  }

  /**
   * Decodes one message.
   *
   * @param data read during the call only
   * @return whether a picture is there: a stream may need more first
   * @throws VideoFault when the bytes are no whole picture of this coding
   */
  public boolean decode(MemorySegment data, long offset, int bytes) throws VideoFault {
    if (bytes < 4 || bytes > MOST_BYTES) {
      throw new VideoFault(
          "data of " + bytes + " bytes: wanted a " + coding + " picture of 4 to " + MOST_BYTES);
    }
    requireWhole(data, offset, bytes);
    av_frame_unref(frame);
    if (av_new_packet(packet, bytes) < 0) {
      throw new VideoFault("no memory for a packet of " + bytes + " bytes");
    }
    MemorySegment into = MemorySegment.ofAddress(packet.data().address()).reinterpret(bytes);
    MemorySegment.copy(data, offset, into, 0, bytes);
    int sent = avcodec_send_packet(codec, packet);
    av_packet_unref(packet);
    if (sent < 0) {
      throw new VideoFault(
          "data of " + bytes + " bytes: wanted a " + coding + " picture, found none");
    }
    boolean there = avcodec_receive_frame(codec, frame) >= 0;
    if (!there && !coding.stream) {
      throw new VideoFault(
          "data of "
              + bytes
              + " bytes: wanted a whole "
              + coding
              + " picture, found a damaged one");
    }
    return there;
  }

  /** FFmpeg fills up what is cut off with grey and says nothing; we look at the ends. */
  private void requireWhole(MemorySegment data, long offset, int bytes) throws VideoFault {
    boolean whole =
        switch (coding) {
          case JPEG -> {
            long end = offset + bytes;
            while (end > offset + 4 && at(data, end - 1) == 0) {
              end--; // padding of some drivers
            }
            yield at(data, offset) == 0xFF
                && at(data, offset + 1) == 0xD8
                && at(data, end - 2) == 0xFF
                && at(data, end - 1) == 0xD9;
          }
          case PNG ->
              bytes > 20
                  && at(data, offset) == 0x89
                  && at(data, offset + 1) == 'P'
                  && at(data, offset + bytes - 8) == 'I'
                  && at(data, offset + bytes - 7) == 'E';
          case H264, H265 -> at(data, offset) == 0 && at(data, offset + 1) == 0;
        };
    if (!whole) {
      throw new VideoFault(
          "data of %d bytes that begins with %02x %02x and ends with %02x %02x: wanted a whole %s picture"
              .formatted(
                  bytes,
                  at(data, offset),
                  at(data, offset + 1),
                  at(data, offset + bytes - 2),
                  at(data, offset + bytes - 1),
                  coding));
    }
  }

  private static int at(MemorySegment data, long offset) {
    return data.get(java.lang.foreign.ValueLayout.JAVA_BYTE, offset) & 0xff;
  }

  /** Width of the picture, px. */
  public int widthPx() {
    return frame.width();
  }

  /** Height of the picture, px. */
  public int heightPx() {
    return frame.height();
  }

  /**
   * Writes the picture as it is.
   *
   * @param bgr8 (height, width, 3) blue, green, red; owned by the caller
   * @throws VideoFault when its pixel format cannot be converted
   */
  public void copyTo(MemorySegment bgr8) throws VideoFault {
    if (bgr8.byteSize() < 3L * frame.width() * frame.height()) {
      throw new IllegalArgumentException(
          "expected room for %d bytes, found %d"
              .formatted(3L * frame.width() * frame.height(), bgr8.byteSize()));
    }
    SwsContext context = scaler();
    targets.put(0, target.to(bgr8.address()));
    strides.put(0, 3 * frame.width());
    sws_scale(context, frame.data(), frame.linesize(), 0, frame.height(), targets, strides);
  }

  private SwsContext scaler() throws VideoFault {
    SwsContext have = scaler;
    if (have != null
        && scaledWidth == frame.width()
        && scaledHeight == frame.height()
        && scaledFormat == frame.format()) {
      return have;
    }
    if (have != null) {
      sws_freeContext(have);
      scaler = null;
    }
    SwsContext made =
        sws_getContext(
            frame.width(),
            frame.height(),
            frame.format(),
            frame.width(),
            frame.height(),
            AV_PIX_FMT_BGR24,
            SWS_POINT,
            null,
            null,
            (DoublePointer) null);
    if (made == null || made.isNull()) {
      throw new VideoFault(
          "expected a pixel format that can be converted, found " + frame.format());
    }
    scaledWidth = frame.width();
    scaledHeight = frame.height();
    scaledFormat = frame.format();
    scaler = made;
    return made;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (scaler != null) {
      sws_freeContext(scaler);
      scaler = null;
    }
    av_frame_free(frame);
    av_packet_free(packet);
    avcodec_free_context(codec);
    targets.close();
    strides.close();
  }
}
