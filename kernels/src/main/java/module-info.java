/**
 * Numeric kernels and their naive twins.
 *
 * <p>The Vector API is optional at run time: only {@code Lanes.VECTOR} needs {@code --add-modules
 * jdk.incubator.vector}.
 */
module saccade.kernels {
  requires static transitive org.jspecify;
  requires static jdk.incubator.vector;

  exports saccade.kernels;
  exports saccade.kernels.attention;
  exports saccade.kernels.geometry;
  exports saccade.kernels.image;
  exports saccade.kernels.lidar;
  exports saccade.kernels.motion;
  exports saccade.kernels.select;
}
