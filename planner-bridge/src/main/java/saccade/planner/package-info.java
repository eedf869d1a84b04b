/** Saccade: planner-bridge. */
@NullMarked
package saccade.planner;

import org.jspecify.annotations.NullMarked;
