/** Saccade: kernels. */
@NullMarked
package saccade.kernels;

import org.jspecify.annotations.NullMarked;
