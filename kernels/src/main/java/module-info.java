/** Numeric kernels and their naive twins. */
module saccade.kernels {
  requires static transitive org.jspecify;
  requires jdk.incubator.vector;

  exports saccade.kernels;
  exports saccade.kernels.geometry;
}
