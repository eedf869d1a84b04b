/** Model packages, encoders, sparsifiers, KV cache and the sliced decoder. */
module saccade.perception {
  requires static transitive org.jspecify;
  requires transitive saccade.realtime;
  requires transitive saccade.kernels;
  requires transitive com.microsoft.onnxruntime;
  requires transitive com.fasterxml.jackson.databind;

  exports saccade.perception;
}
