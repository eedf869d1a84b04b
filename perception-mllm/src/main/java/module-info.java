/** Model packages, encoders, sparsifiers, KV cache and the sliced decoder. */
module saccade.perception {
  requires static transitive org.jspecify;
  requires transitive saccade.realtime;
  requires transitive saccade.kernels;
  requires transitive com.microsoft.onnxruntime;
  requires com.fasterxml.jackson.databind;

  exports saccade.perception;
  exports saccade.perception.encode;
  exports saccade.perception.engine;
  exports saccade.perception.exit;
  exports saccade.perception.kv;
  exports saccade.perception.model;
  exports saccade.perception.sparsify;
  exports saccade.perception.tokens;
}
