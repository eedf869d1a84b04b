/** Saccade: realtime. */
@NullMarked
package saccade.realtime;

import org.jspecify.annotations.NullMarked;
