/** Saccade: sim. */
@NullMarked
package saccade.sim;

import org.jspecify.annotations.NullMarked;
