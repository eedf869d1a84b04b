/** Images to model inputs: area resize, normalise, patchify, patch variance. */
@NullMarked
package saccade.kernels.image;

import org.jspecify.annotations.NullMarked;
