package saccade.nodes.video;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_LOW_DELAY;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avdevice.avdevice_register_all;
import static org.bytedeco.ffmpeg.global.avformat.AVFMT_NOTIMESTAMPS;
import static org.bytedeco.ffmpeg.global.avformat.av_find_best_stream;
import static org.bytedeco.ffmpeg.global.avformat.av_find_input_format;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_network_init;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGR24;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;
import static org.bytedeco.ffmpeg.global.swscale.SWS_AREA;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;
import saccade.realtime.clock.NanoClock;

/**
 * One opened video: a file, {@code /dev/videoN} (Video4Linux), or a network stream (RTSP over TCP,
 * HTTP, UDP, ...), decoded picture by picture by FFmpeg on the caller's thread. No call for a live
 * stream waits longer than the stall time, and none at all longer than a moment once the owner has
 * given up: FFmpeg asks {@link #interrupted} while it waits. A file stalls nobody: on a busy
 * machine or a slow disk it takes as long as it takes, and what is bounded is the processor time
 * that a damaged one may cost. Owns all that FFmpeg allocates for it; one thread.
 *
 * <p>FFmpeg's natives are unpacked by JavaCPP on first use, below the user's home; its property
 * {@code org.bytedeco.javacpp.cachedir} names another place.
 */
final class VideoStream implements AutoCloseable {
  /** Larger pictures are refused before anything is allocated for them. */
  static final int MAX_SIDE_PX = 8192;

  private static final List<String> PICTURE_KINDS =
      List.of("png", "jpg", "jpeg", "bmp", "PNG", "JPG", "JPEG", "BMP");
  private static final long PROBE_BYTES = 1_000_000;
  private static final long PROBE_US = 1_000_000;

  /** Processor time for opening a file and for each picture of it, ns. */
  private static final long FILE_CPU_NS = 20_000_000_000L;

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** Pictures of a live stream that are held back to guess its rate: FFmpeg's own 20 take 2 s. */
  private static final int PROBE_PICTURES = 3;

  private static final String STAMPS_MADE_UP = "mpjpeg"; // FFmpeg counts its pictures at 25 Hz
  private static final MethodHandle INTERRUPTED;

  static {
    av_log_set_level(AV_LOG_QUIET); // what goes wrong is said by us, in one line
    avformat_network_init();
    avdevice_register_all();
    try {
      INTERRUPTED =
          MethodHandles.lookup()
              .findVirtual(
                  VideoStream.class,
                  "interrupted",
                  MethodType.methodType(int.class, MemorySegment.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
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

  private final String url;
  private final double folderRateHz;
  private final long stallNs;
  private final boolean live;
  private final BooleanSupplier givenUp;
  private final NanoClock clock = NanoClock.system();
  private final Arena arena = Arena.ofShared();
  private final At target = new At();
  private final PointerPointer<At> targets = new PointerPointer<>(4);
  private final IntPointer strides = new IntPointer(4);
  private @Nullable AVFormatContext format;
  private @Nullable AVCodecContext codec;
  private @Nullable AVPacket packet;
  private @Nullable AVFrame frame;
  private @Nullable SwsContext scaler;
  private volatile long giveUpNs;
  private int stream = -1;
  private double tickNs;
  private double rateHz;
  private boolean stamped;
  private boolean flushing;
  private int scaledFromWidth;
  private int scaledFromHeight;
  private int scaledFromFormat;
  private int scaledToWidth;
  private int scaledToHeight;

  private VideoStream(String url, double folderRateHz, long stallNs, BooleanSupplier givenUp) {
    this.url = url;
    this.folderRateHz = folderRateHz;
    this.stallNs = stallNs;
    this.live = CameraSource.isLive(url);
    this.givenUp = givenUp;
  }

  /**
   * Opens a video.
   *
   * @param url file, device, network stream, or a folder of pictures of one kind in order of name
   * @param folderRateHz pictures a second of a folder
   * @param stallNs longest wait for opening and for each picture of a live stream
   * @param givenUp asked by FFmpeg while it waits; true ends the wait
   * @throws VideoFault in one line
   */
  static VideoStream open(String url, double folderRateHz, long stallNs, BooleanSupplier givenUp)
      throws VideoFault {
    VideoStream opened = new VideoStream(url, folderRateHz, stallNs, givenUp);
    try {
      opened.open();
      return opened;
    } catch (VideoFault | RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }

  private void open() throws VideoFault {
    giveUpNs = spentNs() + patienceNs();
    AVFormatContext context = avformat_alloc_context();
    if (context == null || context.isNull()) {
      throw new VideoFault(url + ": FFmpeg has no memory for it");
    }
    askMe(context);
    AVDictionary options = new AVDictionary((Pointer) null);
    boolean usb = url.startsWith("/dev/video");
    if (url.toLowerCase(Locale.ROOT).startsWith("rtsp")) {
      av_dict_set(options, "rtsp_transport", "tcp", 0); // UDP loses parts of pictures unseen
    }
    av_dict_set(options, "probesize", Long.toString(PROBE_BYTES), 0);
    av_dict_set(options, "analyzeduration", Long.toString(PROBE_US), 0);
    if (live) {
      av_dict_set(options, "fpsprobesize", Integer.toString(PROBE_PICTURES), 0);
    }
    String pictures = usb ? null : picturesIn(url);
    AVInputFormat input = usb ? av_find_input_format("v4l2") : null;
    if (pictures != null) {
      input = av_find_input_format("image2");
      av_dict_set(options, "pattern_type", "glob", 0);
      av_dict_set(options, "framerate", String.format(Locale.ROOT, "%.3f", folderRateHz), 0);
    }
    int status = avformat_open_input(context, pictures == null ? url : pictures, input, options);
    av_dict_free(options);
    if (status < 0) {
      // FFmpeg has freed the context.
      throw new VideoFault(url + ": expected a video, found: " + words(status));
    }
    format = context;
    stamped =
        (context.iformat().flags() & AVFMT_NOTIMESTAMPS) == 0
            && !STAMPS_MADE_UP.equals(context.iformat().name().getString());
    check(avformat_find_stream_info(context, (PointerPointer<?>) null), "no stream can be told");
    stream =
        check(
            av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0),
            "no video in it");
    AVStream chosen = context.streams(stream);
    AVCodec decoder = avcodec_find_decoder(chosen.codecpar().codec_id());
    if (decoder == null || decoder.isNull()) {
      throw new VideoFault(url + ": expected a codec that FFmpeg can decode, found none");
    }
    AVCodecContext opened = avcodec_alloc_context3(decoder);
    codec = opened;
    check(avcodec_parameters_to_context(opened, chosen.codecpar()), "its parameters are wrong");
    opened.thread_count(1); // several cameras share the cores
    opened.flags(opened.flags() | AV_CODEC_FLAG_LOW_DELAY);
    check(avcodec_open2(opened, decoder, (PointerPointer<?>) null), "its codec does not open");
    checkSize(opened.width(), opened.height());
    AVRational base = chosen.time_base();
    tickNs = base.den() == 0 ? 0 : 1e9 * base.num() / base.den();
    AVRational rate = chosen.avg_frame_rate();
    rateHz = rate.den() == 0 ? 0 : (double) rate.num() / rate.den();
    packet = av_packet_alloc();
    frame = av_frame_alloc();
  }

  /** What FFmpeg calls the pictures of a folder; null when the URL is no folder. */
  private static @Nullable String picturesIn(String url) throws VideoFault {
    Path folder;
    try {
      folder = Path.of(url);
    } catch (InvalidPathException e) {
      return null;
    }
    if (!Files.isDirectory(folder)) {
      return null;
    }
    for (String kind : PICTURE_KINDS) {
      try (DirectoryStream<Path> some = Files.newDirectoryStream(folder, "*." + kind)) {
        if (some.iterator().hasNext()) {
          return url.replaceAll("([\\[\\]{}*?\\\\])", "\\\\$1") + "/*." + kind;
        }
      } catch (IOException e) {
        throw new VideoFault(url + ": expected a readable folder, found: " + e.getMessage());
      }
    }
    throw new VideoFault(url + ": expected pictures (" + PICTURE_KINDS + "), found none");
  }

  /** struct AVIOInterruptCB { int (*callback)(void*); void* opaque; }. */
  private void askMe(AVFormatContext context) {
    MemorySegment stub =
        Linker.nativeLinker()
            .upcallStub(
                INTERRUPTED.bindTo(this),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS),
                arena);
    MemorySegment.ofAddress(context.interrupt_callback().address())
        .reinterpret(2 * ValueLayout.ADDRESS.byteSize())
        .set(ValueLayout.ADDRESS, 0, stub);
  }

  /** Called by FFmpeg while it waits, on the caller's thread; 1 ends the wait. */
  int interrupted(MemorySegment opaque) {
    return givenUp.getAsBoolean() || tooLong() ? 1 : 0;
  }

  private boolean tooLong() {
    return spentNs() > giveUpNs;
  }

  /** What patience is counted in: time for a live stream, this thread's work for a file. */
  private long spentNs() {
    return live ? clock.nanoTime() : THREADS.getCurrentThreadCpuTime();
  }

  private long patienceNs() {
    return live ? stallNs : FILE_CPU_NS;
  }

  private int check(int status, String what) throws VideoFault {
    if (status < 0) {
      throw new VideoFault(url + ": expected a video, found: " + what + " (" + words(status) + ")");
    }
    return status;
  }

  private void checkSize(int width, int height) throws VideoFault {
    if (width < 1 || height < 1 || width > MAX_SIDE_PX || height > MAX_SIDE_PX) {
      throw new VideoFault(
          url
              + ": expected pictures of 1 to "
              + MAX_SIDE_PX
              + " px a side, found "
              + width
              + "x"
              + height);
    }
  }

  private String words(int status) {
    if (givenUp.getAsBoolean()) {
      return "closed by us";
    }
    if (tooLong()) {
      return String.format(
          Locale.ROOT,
          live ? "nothing within %.1f s" : "nothing after %.1f s of work",
          patienceNs() * 1e-9);
    }
    byte[] text = new byte[128];
    av_strerror(status, text, text.length);
    int end = 0;
    while (end < text.length && text[end] != 0) {
      end++;
    }
    return new String(text, 0, end, java.nio.charset.StandardCharsets.UTF_8);
  }

  /**
   * Decodes the next picture; it stays until the next call.
   *
   * @return false at the end of the video
   * @throws VideoFault when the stream broke or stalled
   */
  boolean next() throws VideoFault {
    AVFormatContext from = notClosed(format);
    AVCodecContext decoder = notClosed(codec);
    AVPacket data = notClosed(packet);
    AVFrame picture = notClosed(frame);
    giveUpNs = spentNs() + patienceNs();
    av_frame_unref(picture);
    while (true) {
      int status = avcodec_receive_frame(decoder, picture);
      if (status >= 0) {
        checkSize(picture.width(), picture.height());
        return true;
      }
      if (status == AVERROR_EOF) {
        return false;
      }
      if (flushing) {
        return false; // asked for its last pictures and has none
      }
      status = av_read_frame(from, data);
      if (status == AVERROR_EOF) {
        flushing = true;
        avcodec_send_packet(decoder, null);
      } else if (status < 0) {
        throw new VideoFault(url + ": expected the next picture, found: " + words(status));
      } else {
        // A damaged packet is passed over: the next key frame mends the picture.
        if (data.stream_index() == stream) {
          avcodec_send_packet(decoder, data);
        }
        av_packet_unref(data);
      }
      if (givenUp.getAsBoolean() || tooLong()) {
        throw new VideoFault(url + ": expected the next picture, found: " + words(-1));
      }
    }
  }

  private static <T> T notClosed(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("expected an open video, found a closed one");
    }
    return part;
  }

  /** Width of the pictures as decoded, px. */
  int widthPx() {
    return notClosed(codec).width();
  }

  /** Height of the pictures as decoded, px. */
  int heightPx() {
    return notClosed(codec).height();
  }

  /** Pictures a second by the file's word; 0 where it says nothing. */
  double rateHz() {
    return rateHz;
  }

  /** Whether the stream's stamps are the sender's; else FFmpeg counts pictures. */
  boolean stamped() {
    return stamped;
  }

  /** Presentation time of the picture in the stream's own clock, ns; -1 where it has none. */
  long stampNs() {
    long ticks = notClosed(frame).best_effort_timestamp();
    return ticks == AV_NOPTS_VALUE || tickNs == 0 ? -1 : Math.round(ticks * tickNs);
  }

  /**
   * Writes the picture, scaled by area when the size differs.
   *
   * @param bgr8 (height, width, 3) blue, green, red; owned by the caller
   */
  void copyTo(MemorySegment bgr8, int widthPx, int heightPx) throws VideoFault {
    if (bgr8.byteSize() < 3L * widthPx * heightPx) {
      throw new IllegalArgumentException(
          "expected room for " + 3L * widthPx * heightPx + " bytes, found " + bgr8.byteSize());
    }
    AVFrame picture = notClosed(frame);
    SwsContext scale = scaler(picture, widthPx, heightPx);
    targets.put(0, target.to(bgr8.address()));
    strides.put(0, 3 * widthPx);
    sws_scale(scale, picture.data(), picture.linesize(), 0, picture.height(), targets, strides);
  }

  private SwsContext scaler(AVFrame picture, int widthPx, int heightPx) throws VideoFault {
    SwsContext have = scaler;
    if (have != null
        && scaledFromWidth == picture.width()
        && scaledFromHeight == picture.height()
        && scaledFromFormat == picture.format()
        && scaledToWidth == widthPx
        && scaledToHeight == heightPx) {
      return have;
    }
    if (have != null) {
      sws_freeContext(have);
      scaler = null;
    }
    SwsContext made =
        sws_getContext(
            picture.width(),
            picture.height(),
            picture.format(),
            widthPx,
            heightPx,
            AV_PIX_FMT_BGR24,
            SWS_AREA,
            null,
            null,
            (DoublePointer) null);
    if (made == null || made.isNull()) {
      throw new VideoFault(url + ": expected a pixel format that can be converted, found none");
    }
    scaledFromWidth = picture.width();
    scaledFromHeight = picture.height();
    scaledFromFormat = picture.format();
    scaledToWidth = widthPx;
    scaledToHeight = heightPx;
    scaler = made;
    return made;
  }

  @Override
  public void close() {
    if (scaler != null) {
      sws_freeContext(scaler);
      scaler = null;
    }
    if (frame != null) {
      av_frame_free(frame);
      frame = null;
    }
    if (packet != null) {
      av_packet_free(packet);
      packet = null;
    }
    if (codec != null) {
      avcodec_free_context(codec);
      codec = null;
    }
    if (format != null) {
      avformat_close_input(format);
      format = null;
    }
    targets.close();
    strides.close();
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
