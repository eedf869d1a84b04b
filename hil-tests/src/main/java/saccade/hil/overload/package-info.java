/** More sets than the machine can run: the product's policy beside six others. */
@NullMarked
package saccade.hil.overload;

import org.jspecify.annotations.NullMarked;
