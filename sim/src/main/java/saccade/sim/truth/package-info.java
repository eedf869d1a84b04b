/**
 * Exact truth: the expert driver and the facts. Only exports and whole-system tests may look here.
 */
@NullMarked
package saccade.sim.truth;

import org.jspecify.annotations.NullMarked;
