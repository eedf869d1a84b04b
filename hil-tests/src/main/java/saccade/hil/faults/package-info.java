/** What goes wrong on a robot, made to go wrong: what the planner saw, and how long it lasted. */
@NullMarked
package saccade.hil.faults;

import org.jspecify.annotations.NullMarked;
