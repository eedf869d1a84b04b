package saccade.sim.render;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Rig;
import saccade.sim.world.Box;
import saccade.sim.world.Box.Kind;
import saccade.sim.world.Box.Surface;
import saccade.sim.world.Daylight;
import saccade.sim.world.Road;
import saccade.sim.world.Scene;
import saccade.sim.world.Weather;

/** What cameras see at night, in rain and in fog, and how surfaces are painted. */
class WeatherAndNightTest {
  private static final CameraModel WIDE = Rig.twoCamera().cameras().get(0);
  private static final int WIDTH = 448;
  private static final int HEIGHT = 256;

  private final short[] index = new short[WIDTH * HEIGHT];
  private final float[] depth = new float[WIDTH * HEIGHT];
  private final MemorySegment picture = Arena.ofAuto().allocate(WIDTH * HEIGHT * 3);

  private void render(Scene scene) {
    new CameraRenderer(WIDE).render(scene, picture, index, depth);
  }

  private static Scene scene(Daylight daylight, Weather weather) {
    Scene scene = new Scene();
    scene.daylight = daylight;
    scene.weather = weather;
    scene.road = new Road(300, 0, 0, 2.5);
    return scene;
  }

  private static Box painted(double x, double y, double size, Kind kind, Surface surface) {
    return new Box(x, y, size / 2, 0, size, size, size, 180, 60, 50, false, 0.5, kind, 1, surface);
  }

  private double grey(int u, int v) {
    long at = (v * WIDTH + u) * 3L;
    int sum = 0;
    for (int c = 0; c < 3; c++) {
      sum += picture.get(ValueLayout.JAVA_BYTE, at + c) & 255;
    }
    return sum / 3.0;
  }

  /** Mean grey of the pixels of a rectangle. */
  private double mean(int u0, int v0, int u1, int v1) {
    double sum = 0;
    for (int v = v0; v < v1; v++) {
      for (int u = u0; u < u1; u++) {
        sum += grey(u, v);
      }
    }
    return sum / ((u1 - u0) * (v1 - v0));
  }

  /** Mean grey around the projection of a point of base_link. */
  private double at(double x, double y, double z) {
    double[] uvDepth = new double[3];
    assertTrue(WIDE.project(x, y, z, uvDepth));
    int u = (int) uvDepth[0];
    int v = (int) uvDepth[1];
    return mean(u - 2, v - 1, u + 3, v + 2);
  }

  @Test
  void nightIsDarkButForWhatTheHeadLampsReach() {
    render(scene(Daylight.DAY, Weather.CLEAR));
    double sky = mean(100, 10, 348, 60);
    double side = at(20, 14, 0);
    double ahead = at(12, 0, 0);
    render(scene(Daylight.NIGHT, Weather.CLEAR));
    assertTrue(mean(100, 10, 348, 60) < 0.15 * sky, "sky");
    assertTrue(at(20, 14, 0) < 0.35 * side, "verge, beside the beam");
    assertTrue(at(12, 0, 0) > 0.4 * ahead, "asphalt in the beam: " + at(12, 0, 0));
    assertTrue(at(12, 0, 0) > 1.6 * at(45, 0, 0), "the beam fades with distance");
  }

  @Test
  void oncomingHeadLampLightsTheRoadBeforeIt() {
    Scene scene = scene(Daylight.NIGHT, Weather.CLEAR);
    Scene dark = scene(Daylight.NIGHT, Weather.CLEAR);
    for (int i = 0; i < 2; i++) {
      // A lamp 45 m ahead that looks at the ego from the other lane.
      (i == 0 ? scene : dark)
          .boxes.add(
              new Box(
                  45,
                  3.5,
                  0.7,
                  Math.PI,
                  0.1,
                  0.3,
                  0.2,
                  235,
                  232,
                  205,
                  i == 0,
                  0.7,
                  Kind.HEAD_LAMP,
                  1));
    }
    double[] uvDepth = new double[3];
    assertTrue(WIDE.project(45, 3.5, 0.7, uvDepth));
    int u = (int) uvDepth[0];
    int v = (int) uvDepth[1];
    render(dark);
    double before = at(38, 3.5, 0);
    double beside = mean(u - 4, v - 1, u - 2, v + 2);
    render(scene);
    assertTrue(at(38, 3.5, 0) > before + 12, before + " became " + at(38, 3.5, 0));
    assertTrue(grey(u, v) > 200, "the lamp itself: " + grey(u, v));
    assertTrue(mean(u - 4, v - 1, u - 2, v + 2) > beside + 10, "it glows");
  }

  @Test
  void fogHidesByTheLawOfItsVisibility() {
    // Black boxes at 10 and 40 m in front of the sky: what is left of the contrast to the air.
    for (double visibility : new double[] {60, 150}) {
      Scene scene = scene(Daylight.DAY, Weather.FOG);
      scene.visibilityM = visibility;
      double[] far = {10, 40};
      double[] share = new double[2];
      for (int i = 0; i < 2; i++) {
        scene.boxes.clear();
        scene.boxes.add(
            new Box(1.6 + far[i] + 0.5, 0, 3, 0, 1, 6, 6, 0, 0, 0, false, 0.5, Kind.STRUCTURE, 1));
        render(scene);
        double[] uvDepth = new double[3];
        assertTrue(WIDE.project(1.6 + far[i], 0, 2, uvDepth));
        double air = mean(0, 115, 20, 122); // far trees and sky at the horizon
        share[i] = 1 - at(1.6 + far[i], 0, 2) / air;
      }
      double extinction = Math.log(20) / visibility + 0.0011;
      assertEquals(Math.exp(-10 * extinction), share[0], 0.06, "10 m of " + visibility);
      assertEquals(Math.exp(-40 * extinction), share[1], 0.06, "40 m of " + visibility);
    }
  }

  @Test
  void rainDarkensTheRoadAndItsDropsFallElsewhereInEveryFrame() {
    Scene dry = scene(Daylight.DAY, Weather.CLEAR);
    render(dry);
    double asphalt = at(8, 0.5, 0);
    Scene wet = scene(Daylight.DAY, Weather.RAIN);
    wet.rainMmPerH = 20;
    render(wet);
    assertTrue(at(8, 0.5, 0) < 0.85 * asphalt, "wet asphalt near the car");
    byte[] first = picture.toArray(ValueLayout.JAVA_BYTE);
    wet.frame++;
    render(wet);
    int moved = 0;
    for (int i = 0; i < first.length; i++) {
      moved +=
          Math.abs((first[i] & 255) - (picture.get(ValueLayout.JAVA_BYTE, i) & 255)) > 16 ? 1 : 0;
    }
    assertTrue(moved > 500, "values that streaks changed: " + moved);
  }

  @Test
  void weatherAndNightRepeatBitForBitAndAllocateNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Surface[] surfaces = Surface.values();
    for (Daylight daylight : Daylight.values()) {
      for (Weather weather : Weather.values()) {
        Scene scene = scene(daylight, weather);
        scene.road = new Road(40, 30, 0.03, 2, 15).withLanes(2).withCrossing(30, 7).withZebra(20);
        for (int i = 0; i < 24; i++) {
          Kind kind = Kind.values()[i % Kind.values().length];
          scene.boxes.add(
              painted(8 + i, i % 9 - 4.5, 0.3 + i % 5, kind, surfaces[i % surfaces.length]));
        }
        CameraRenderer renderer = new CameraRenderer(WIDE);
        renderer.render(scene, picture);
        byte[] first = picture.toArray(ValueLayout.JAVA_BYTE);
        render(scene);
        assertArrayEquals(first, picture.toArray(ValueLayout.JAVA_BYTE), daylight + " " + weather);
        for (int i = 0; i < 12; i++) {
          renderer.render(scene, picture, index, depth);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        renderer.render(scene, picture, index, depth);
        assertEquals(0, threads.getCurrentThreadAllocatedBytes() - before);
      }
    }
  }

  @Test
  void shapesStayInsideTheirBoxes() {
    // Whatever is drawn round or tapered: no pixel outside the cuboid's silhouette, none nearer.
    short[] cuboid = new short[WIDTH * HEIGHT];
    float[] cuboidDepth = new float[WIDTH * HEIGHT];
    Object[][] shapes = {
      {Kind.STRUCTURE, Surface.FOLIAGE, 2.0, 2.0, 3.0, 2.0},
      {Kind.CONE, Surface.CONE_BANDS, 0.4, 0.4, 0.7, 0.0},
      {Kind.STOP_SIGN, Surface.STOP_PLATE, 0.03, 0.75, 0.75, 1.8},
      {Kind.LIGHT_RED, Surface.PLAIN, 0.06, 0.36, 0.36, 2.5},
      {Kind.CAR, Surface.PLAIN, 2.0, 1.6, 0.6, 0.9},
      {Kind.PEDESTRIAN, Surface.PLAIN, 0.26, 0.26, 0.28, 1.4},
    };
    for (Object[] s : shapes) {
      double height = (double) s[4];
      for (int yaw = 0; yaw < 4; yaw++) {
        Box shape =
            new Box(
                7.5,
                0.7,
                (double) s[5] + height / 2,
                0.7 * yaw,
                (double) s[2],
                (double) s[3],
                height,
                180,
                60,
                50,
                false,
                0.5,
                (Kind) s[0],
                1,
                (Surface) s[1]);
        Scene plain = scene(Daylight.DAY, Weather.CLEAR);
        plain.boxes.add(
            Cuboids.box(
                shape.cx(),
                shape.cy(),
                shape.cz(),
                shape.yawRad(),
                shape.lengthM() + 0.02,
                shape.widthM() + 0.02,
                height + 0.02));
        new CameraRenderer(WIDE).render(plain, picture, cuboid, cuboidDepth);
        Scene scene = scene(Daylight.DAY, Weather.CLEAR);
        scene.boxes.add(shape);
        render(scene);
        int seen = 0;
        for (int i = 0; i < index.length; i++) {
          if (index[i] >= 0) {
            seen++;
            // A cone is a plane through its axis and sees both of its sides; all others are solid.
            if (s[0] != Kind.CONE) {
              assertEquals(0, cuboid[i], s[0] + " outside its box at pixel " + i);
              assertTrue(depth[i] > cuboidDepth[i] - 0.01, s[0] + " before its box");
            }
          }
        }
        assertTrue(seen > 20 || (double) s[2] < 0.1, s[0] + ": " + seen + " pixels");
      }
    }
  }

  @Test
  void facadeShowsWindowsAndSomeAreLitAtNight() {
    double[] lit = new double[2];
    for (int k = 0; k < 2; k++) {
      Scene scene = scene(k == 0 ? Daylight.DAY : Daylight.NIGHT, Weather.CLEAR);
      scene.boxes.add(
          new Box(
              40,
              0,
              6,
              0,
              10,
              24,
              12,
              160,
              150,
              140,
              false,
              0.3,
              Kind.STRUCTURE,
              -1,
              Surface.WINDOWS));
      render(scene);
      double wall = 0;
      double square = 0;
      int n = 0;
      for (int v = 72; v < 125; v++) {
        for (int u = 160; u < 288; u++) {
          double g = grey(u, v);
          wall += g;
          square += g * g;
          n++;
          lit[k] += g > 120 ? 1 : 0;
        }
      }
      double deviation = Math.sqrt(square / n - wall / n * (wall / n));
      assertTrue(deviation > 8, "a facade is not plain: deviation " + deviation);
    }
    assertTrue(lit[1] > 100, "lit windows at night: " + lit[1] + " pixels");
  }

  @Test
  void stopPlateIsRedTowardsTrafficAndGreyBehind() {
    for (int k = 0; k < 2; k++) {
      Scene scene = scene(Daylight.DAY, Weather.CLEAR);
      scene.boxes.add(
          new Box(
              9,
              0.5,
              1.8,
              k * Math.PI,
              0.03,
              0.75,
              0.75,
              196,
              24,
              32,
              false,
              0.8,
              Kind.STOP_SIGN,
              1,
              Surface.STOP_PLATE));
      render(scene);
      double[] uvDepth = new double[3];
      assertTrue(WIDE.project(9, 0.5, 2.02, uvDepth));
      long at = ((int) uvDepth[1] * WIDTH + (int) uvDepth[0]) * 3L;
      int red = picture.get(ValueLayout.JAVA_BYTE, at) & 255;
      int green = picture.get(ValueLayout.JAVA_BYTE, at + 1) & 255;
      assertEquals(k == 0, red > green + 60, "yaw " + k * Math.PI + ": " + red + "," + green);
    }
  }

  @Test
  void roadPicturesAgreeWithTheExactMarkings() {
    // The camera's averaged cross-section against the formula that the LiDAR uses, seen from near.
    Scene scene = scene(Daylight.DAY, Weather.CLEAR);
    scene.road = new Road(300, 0, 0, 2.5, 14).withLanes(2).withCrossing(24, 7).withZebra(18);
    render(scene);
    GroundSurface ground = new GroundSurface();
    ground.prepare(scene);
    double[] ray = new double[3];
    int white = 0;
    int wrong = 0;
    int looked = 0;
    for (int v = 148; v < HEIGHT; v++) {
      for (int u = 0; u < WIDTH; u++) {
        WIDE.ray(u + 0.5, v + 0.5, ray);
        double t = 1.5 / -ray[2];
        double x = 1.6 + t * ray[0];
        double y = t * ray[1];
        double d = ground.lateral(x, y);
        double z = t * ray[0];
        double around = ground.paint(x, y, d, 3 * z / 224, 3 * z * z / (1.5 * 224));
        double paint = ground.paint(x, y, d, z / 224, z * z / (1.5 * 224));
        if (d > -1.7 && d < 8.7 && (around == 0 || paint > 0.97)) {
          looked++;
          white += paint > 0.5 ? 1 : 0;
          wrong += grey(u, v) > 150 == paint > 0.5 ? 0 : 1;
        }
      }
    }
    assertTrue(white > 400, "painted pixels: " + white);
    assertTrue(wrong < 0.01 * looked, wrong + " of " + looked + " pixels differ from the formula");
  }
}
