/** Where time comes from, and the checks a stamp must pass before anyone believes it. */
@NullMarked
package saccade.realtime.clock;

import org.jspecify.annotations.NullMarked;
