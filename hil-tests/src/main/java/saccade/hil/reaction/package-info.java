/** How fast the model brakes for what appears, and how often for nothing. */
@NullMarked
package saccade.hil.reaction;

import org.jspecify.annotations.NullMarked;
