/** Writing labelled frames for training. */
@NullMarked
package saccade.sim.export;

import org.jspecify.annotations.NullMarked;
