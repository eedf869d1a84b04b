package saccade.sim.render;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;
import saccade.sim.world.Road;
import saccade.sim.world.Scene;

class GroundSurfaceTest {
  @Test
  void roadCoordinatesAreThoseOfTheRoad() {
    Random random = new Random(1);
    GroundSurface ground = new GroundSurface();
    Scene scene = new Scene();
    double[] sd = new double[2];
    double[][] bends = {
      {20, 0, 0}, {20, 60, 0.03}, {-5, 40, -0.05}, {0, 100, 0.015}, {10, 0, 0.02}
    };
    for (double[] bend : bends) {
      scene.road = new Road(bend[0], bend[1], bend[2], 2.5);
      ground.prepare(scene);
      for (int i = 0; i < 2000; i++) {
        double x = random.nextDouble() * 200 - 50;
        double y = random.nextDouble() * 120 - 60;
        scene.road.frenet(x, y, sd);
        assertEquals(sd[1], ground.lateral(x, y), 1e-9, "d at " + x + "," + y);
        assertEquals(sd[0], ground.along(x, y), 1e-9, "s at " + x + "," + y);
      }
    }
  }

  @Test
  void paintIsTheShareOfThePatch() {
    GroundSurface ground = new GroundSurface();
    Scene scene = new Scene();
    scene.road = new Road(100, 0, 0, 2.5, 30);
    ground.prepare(scene);
    // Centre line 0.14 m wide at d = 1.75, dashes of 3 m around s = 4, 12, ...
    assertEquals(1, ground.paint(12, 1.75, 1.75, 0.01, 0.01), 1e-9);
    assertEquals(0, ground.paint(8, 1.75, 1.75, 0.01, 0.01), 1e-9);
    assertEquals(0.14 / 0.5, ground.paint(12, 1.75, 1.75, 0.5, 0.01), 1e-9);
    assertEquals(3 / 6.0, ground.paint(12, 1.75, 1.75, 0.01, 6), 1e-9);
    // Stop line 0.5 m thick; half of a patch centred on its edge is paint.
    assertEquals(0.5, ground.paint(30.25, 0, 0, 0.01, 0.2), 1e-9);
    assertEquals(0, ground.paint(30, 3.5, 3.5, 0.01, 0.2), 1e-9);
  }
}
