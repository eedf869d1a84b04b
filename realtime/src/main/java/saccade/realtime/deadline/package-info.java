/** Deadlines as data: start, budget, and how much of it is left. */
@NullMarked
package saccade.realtime.deadline;

import org.jspecify.annotations.NullMarked;
