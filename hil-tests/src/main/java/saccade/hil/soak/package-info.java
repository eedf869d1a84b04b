/** A million sensor frames: what must not grow does not. */
@NullMarked
package saccade.hil.soak;

import org.jspecify.annotations.NullMarked;
