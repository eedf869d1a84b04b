package saccade.nodes.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Rig;
import saccade.kernels.image.PixelFormat;
import saccade.nodes.graph.RigFile;
import saccade.nodes.sensor.EgoState;
import saccade.perception.PerceptionOutput;
import saccade.perception.SensorStatus;
import saccade.perception.SessionOptions;
import saccade.perception.engine.EngineOptions;
import saccade.perception.model.ModelPackage;
import saccade.planner.EgoSource;
import saccade.planner.OutputCodec;
import saccade.planner.PlannerMessage;
import saccade.realtime.clock.ManualClock;
import saccade.realtime.clock.NanoClock;
import saccade.realtime.ring.FrameRing;

/** The same scene in every format, from the ring through the shipped model to the message. */
class PictureFormatsTest {
  private static final long MS = 1_000_000L;
  private static final Path MODEL = Path.of("../perception-mllm/models/saccade-nano");
  private static final Path SAMPLE = Path.of("samples/recording");

  private final ManualClock clock = new ManualClock(1_000 * MS);
  private final List<PerceptionOutput> outputs = new ArrayList<>();
  private final List<PlannerMessage> messages = new ArrayList<>();

  /** Packed pixels of a picture. */
  private static byte[] packed(BufferedImage image, PixelFormat format) {
    byte[] bytes = new byte[format.bytesPerPixel() * image.getWidth() * image.getHeight()];
    int to = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int rgb = image.getRGB(x, y);
        byte red = (byte) (rgb >> 16);
        byte blue = (byte) rgb;
        boolean redFirst = format == PixelFormat.RGB8 || format == PixelFormat.RGBA8;
        bytes[to++] = redFirst ? red : blue;
        bytes[to++] = (byte) (rgb >> 8);
        bytes[to++] = redFirst ? blue : red;
        if (format.bytesPerPixel() == 4) {
          bytes[to++] = (byte) 77; // nobody looks at it
        }
      }
    }
    return bytes;
  }

  /** The model's answer to one set, both cameras in that format. */
  private PerceptionOutput see(Rig rig, ModelPerceiver model, int format, List<byte[]> pictures) {
    show(rig, model, format, pictures);
    assertEquals(1, outputs.size(), "messages " + messages);
    return outputs.getFirst();
  }

  /** One set, both cameras in that format; what comes of it lies in messages and outputs then. */
  private void show(Rig rig, ModelPerceiver model, int format, List<byte[]> pictures) {
    outputs.clear();
    messages.clear();
    model.reset();
    ModelPackage description = model.session().model();
    OutputCodec codec = ModelPerceiver.codecOf(description);
    SteppedLane lane = new SteppedLane(clock, NanoClock.system(), 20 * MS);
    try (Pipeline pipeline =
        new Pipeline(
            PipelineOptions.tenHertz(),
            rig,
            model,
            codec,
            lane::submit,
            clock,
            lane,
            Vehicle.NONE,
            publication -> {
              messages.add(publication.message());
              if (publication.output() != null) {
                outputs.add(publication.output());
              }
            })) {
      pipeline.inlets().ego().push(new EgoState(clock.nanoTime(), 8, 0, 0, 13.9, EgoSource.FUSED));
      for (int i = 0; i < pictures.size(); i++) {
        FrameRing ring = pipeline.inlets().ring(i);
        CameraModel camera = rig.cameras().get(i);
        byte[] bytes = pictures.get(i);
        long handle = ring.tryClaim(clock.nanoTime());
        MemorySegment.copy(bytes, 0, ring.slot(handle), ValueLayout.JAVA_BYTE, 0, bytes.length);
        ring.publish(
            handle,
            clock.nanoTime(),
            bytes.length,
            camera.widthPx(),
            camera.heightPx(),
            format,
            clock.nanoTime());
      }
      for (int i = 0;
          i < 60 && outputs.isEmpty() && messages.stream().noneMatch(PictureFormatsTest::blind);
          i++) {
        pipeline.duty(clock.advance(2 * MS));
      }
      pipeline.sourceEnded();
    }
    clock.advance(1_000 * MS);
  }

  private static boolean blind(PlannerMessage message) {
    return message.kind() == PlannerMessage.Kind.FALLBACK;
  }

  @Test
  void fourByteFormatsFitAndAreSeenAsTheSameScene() throws Exception {
    Rig rig = RigFile.read(SAMPLE.resolve("rig.yaml"));
    List<BufferedImage> images = new ArrayList<>();
    for (CameraModel camera : rig.cameras()) {
      Path file = SAMPLE.resolve(camera.name()).resolve("data/000005.png");
      images.add(assertNotNullImage(ImageIO.read(file.toFile())));
    }
    try (ModelPerceiver model =
        ModelPerceiver.open(
            MODEL,
            rig,
            clock,
            SessionOptions.shipped(ModelPerceiver.description(MODEL)),
            EngineOptions.DEFAULT)) {
      PerceptionOutput wanted = null;
      for (PixelFormat format :
          List.of(PixelFormat.RGB8, PixelFormat.BGR8, PixelFormat.BGRA8, PixelFormat.RGBA8)) {
        List<byte[]> pictures = images.stream().map(image -> packed(image, format)).toList();
        PerceptionOutput seen = see(rig, model, format.ordinal(), pictures);
        for (PerceptionOutput.CameraTokens camera : seen.cameras().subList(0, images.size())) {
          assertEquals(SensorStatus.USED, camera.status(), format + " " + seen.faults());
        }
        wanted = wanted == null ? seen : wanted;
        assertArrayEquals(wanted.actionIds(), seen.actionIds(), format.toString());
        assertArrayEquals(wanted.factValues(), seen.factValues(), format.toString());
        assertEquals(wanted.sentence(), seen.sentence());
        assertTrue(seen.tokensKept() > 0);
        PlannerMessage message = messages.getLast();
        assertEquals(EgoSource.FUSED, message.egoSource());
        assertEquals(message.ageNs(), message.egoAgeNs(), "measured at the capture");
      }
    }
  }

  /** No format that anybody knows: the camera is absent; with all of them nothing is seen. */
  @Test
  void aFormatThatNobodyKnowsIsAnAbsentCamera() {
    Rig rig = RigFile.read(SAMPLE.resolve("rig.yaml"));
    List<byte[]> pictures =
        rig.cameras().stream()
            .map(camera -> new byte[3 * camera.widthPx() * camera.heightPx()])
            .toList();
    try (ModelPerceiver model =
        ModelPerceiver.open(
            MODEL,
            rig,
            clock,
            SessionOptions.shipped(ModelPerceiver.description(MODEL)),
            EngineOptions.DEFAULT)) {
      show(rig, model, 99, pictures);
      PlannerMessage message = messages.getLast();
      assertTrue(message.sensorsMissing().containsAll(List.of("front_wide", "front_tele")));
      assertEquals(PlannerMessage.Kind.FALLBACK, message.kind());
      assertTrue(message.reason().startsWith("no camera ahead"), message.reason());
      assertEquals(List.of(), outputs, "the model is not asked");
    }
  }

  private static BufferedImage assertNotNullImage(BufferedImage image) {
    assertNotNull(image);
    return image;
  }
}
