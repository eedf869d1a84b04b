/**
 * Views of one instant, put together by capture stamp, with a time-out that never waits for ever.
 */
@NullMarked
package saccade.realtime.frameset;

import org.jspecify.annotations.NullMarked;
