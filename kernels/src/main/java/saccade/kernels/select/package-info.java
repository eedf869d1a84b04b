/** Choosing the best of a list of scores. */
@NullMarked
package saccade.kernels.select;

import org.jspecify.annotations.NullMarked;
