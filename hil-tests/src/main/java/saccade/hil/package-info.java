/** Saccade: hil-tests. */
@NullMarked
package saccade.hil;

import org.jspecify.annotations.NullMarked;
