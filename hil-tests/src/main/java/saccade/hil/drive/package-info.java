/**
 * Whole drives in simulated time: by the product's pipeline, and by the truth-driven expert for
 * comparison.
 */
@NullMarked
package saccade.hil.drive;

import org.jspecify.annotations.NullMarked;
