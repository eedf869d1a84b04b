/** What a model sees, held against the simulator's exact truth on seeds it was not trained on. */
@NullMarked
package saccade.hil.eval;

import org.jspecify.annotations.NullMarked;
