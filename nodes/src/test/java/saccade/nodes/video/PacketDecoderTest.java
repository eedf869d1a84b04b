package saccade.nodes.video;

import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_make_q;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import saccade.nodes.video.PacketDecoder.Coding;

class PacketDecoderTest {
  private static final int W = 64;
  private static final int H = 48;

  @ParameterizedTest
  @CsvSource({"H264, 27", "H265, 173"})
  void aStreamOneMessageAPicture(Coding coding, int codec) throws Exception {
    List<byte[]> packets = encoded(codec, 12);
    MemorySegment bgr = java.lang.foreign.Arena.ofAuto().allocate(3L * W * H);
    try (PacketDecoder decoder = new PacketDecoder(coding)) {
      int pictures = 0;
      for (byte[] packet : packets) {
        if (decoder.decode(MemorySegment.ofArray(packet), 0, packet.length)) {
          assertEquals(W, decoder.widthPx());
          assertEquals(H, decoder.heightPx());
          decoder.copyTo(bgr);
          int grey = bgr.get(ValueLayout.JAVA_BYTE, 3L * (H / 2 * W + W / 2)) & 0xff;
          // luma 16 + 10 n of picture n, widened from limited range
          assertEquals((60 + 10 * pictures - 16) * 255 / 219.0, grey, 12, "picture " + pictures);
          pictures++;
        }
      }
      assertTrue(pictures >= packets.size() - 4, pictures + " of " + packets.size());
    }
  }

  private static List<byte[]> encoded(int codec, int pictures) {
    AVCodec encoder = avcodec_find_encoder(codec);
    Assumptions.assumeTrue(encoder != null, "this FFmpeg has no encoder for codec " + codec);
    AVCodecContext context = avcodec_alloc_context3(encoder);
    context.width(W);
    context.height(H);
    context.pix_fmt(AV_PIX_FMT_YUV420P);
    context.time_base(av_make_q(1, 10));
    context.framerate(av_make_q(10, 1));
    context.gop_size(4);
    context.max_b_frames(0);
    context.bit_rate(400_000);
    int opened = avcodec_open2(context, encoder, (AVDictionary) null);
    Assumptions.assumeTrue(opened >= 0, "the encoder for codec " + codec + " does not open");
    AVFrame frame = av_frame_alloc();
    frame.width(W);
    frame.height(H);
    frame.format(AV_PIX_FMT_YUV420P);
    av_frame_get_buffer(frame, 0);
    AVPacket packet = av_packet_alloc();
    List<byte[]> packets = new ArrayList<>();
    for (int n = 0; n <= pictures; n++) {
      if (n < pictures) {
        for (int plane = 0; plane < 3; plane++) {
          long bytes = (long) frame.linesize(plane) * (plane == 0 ? H : H / 2);
          MemorySegment.ofAddress(frame.data(plane).address())
              .reinterpret(bytes)
              .fill((byte) (plane == 0 ? 60 + 10 * n : 128));
        }
        frame.pts(n);
        avcodec_send_frame(context, frame);
      } else {
        avcodec_send_frame(context, null);
      }
      while (avcodec_receive_packet(context, packet) >= 0) {
        byte[] bytes = new byte[packet.size()];
        packet.data().get(bytes);
        packets.add(bytes);
        av_packet_unref(packet);
      }
    }
    av_packet_free(packet);
    av_frame_free(frame);
    avcodec_free_context(context);
    return packets;
  }

  @Test
  void formatsByTheirNames() {
    assertEquals(Coding.JPEG, Coding.of("rgb8; jpeg compressed bgr8"));
    assertEquals(Coding.PNG, Coding.of("bgr8; png compressed "));
    assertEquals(Coding.H264, Coding.of("h264"));
    assertEquals(Coding.H265, Coding.of("hevc"));
    assertNull(Coding.of("webp"));
    assertNull(Coding.of(""));
  }

  @Test
  void whatIsNoPictureIsOneLineAndTheDecoderLives() throws Exception {
    Random random = new Random(3);
    for (Coding coding : Coding.values()) {
      try (PacketDecoder decoder = new PacketDecoder(coding)) {
        for (int i = 0; i < 50; i++) {
          byte[] noise = new byte[random.nextInt(2000)];
          random.nextBytes(noise);
          if (noise.length > 8) {
            byte[] head =
                switch (coding) {
                  case JPEG -> new byte[] {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF};
                  case PNG -> new byte[] {(byte) 0x89, 'P', 'N', 'G'};
                  case H264, H265 -> new byte[] {0, 0, 0, 1};
                };
            System.arraycopy(head, 0, noise, 0, head.length);
            if (coding == Coding.JPEG) {
              noise[noise.length - 2] = (byte) 0xFF;
              noise[noise.length - 1] = (byte) 0xD9;
            }
          }
          try {
            boolean there = decoder.decode(MemorySegment.ofArray(noise), 0, noise.length);
            assertTrue(!there || decoder.widthPx() > 0, coding + " " + Arrays.toString(noise));
          } catch (VideoFault e) {
            assertFalse(String.valueOf(e.getMessage()).contains("\n"));
          }
        }
        assertThrows(
            VideoFault.class, () -> decoder.decode(MemorySegment.ofArray(new byte[3]), 0, 3));
      }
    }
  }
}
