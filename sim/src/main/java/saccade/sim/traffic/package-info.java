/**
 * What moves: ego, cars, pedestrians, lights, and the world that steps them. Not exported: it knows
 * the truth.
 */
@NullMarked
package saccade.sim.traffic;

import org.jspecify.annotations.NullMarked;
