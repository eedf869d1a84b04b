/** Saccade: perception-mllm. */
@NullMarked
package saccade.perception;

import org.jspecify.annotations.NullMarked;
