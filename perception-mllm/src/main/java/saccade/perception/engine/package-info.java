/** ONNX Runtime sessions and the memory they read and write. */
@NullMarked
package saccade.perception.engine;

import org.jspecify.annotations.NullMarked;
