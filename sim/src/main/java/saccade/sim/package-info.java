/**
 * Simulation of a drive: scenarios by name, the ego's motion, sensors, and the referee's
 * scoreboard.
 */
@NullMarked
package saccade.sim;

import org.jspecify.annotations.NullMarked;
