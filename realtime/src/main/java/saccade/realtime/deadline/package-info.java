/**
 * One deadline drives every knob: how long a set may take, what is left out when that is too
 * little, and the ladder that remembers it. Pure: time is an argument, no clock is read.
 */
@NullMarked
package saccade.realtime.deadline;

import org.jspecify.annotations.NullMarked;
