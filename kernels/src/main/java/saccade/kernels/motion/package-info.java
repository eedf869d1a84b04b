/** What follows from a vehicle's own motion alone. */
@NullMarked
package saccade.kernels.motion;

import org.jspecify.annotations.NullMarked;
