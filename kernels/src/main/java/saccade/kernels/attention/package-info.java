/** Rotary tables, re-rotation of cached keys and moves of cache rows. */
@NullMarked
package saccade.kernels.attention;

import org.jspecify.annotations.NullMarked;
