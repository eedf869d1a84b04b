/**
 * From planner messages to what other stacks are commanded with: speed, steering angle, throttle
 * and brake, limited twists, trajectories. Knows no transport and no message type of theirs.
 */
@NullMarked
package saccade.planner.command;

import org.jspecify.annotations.NullMarked;
