/** Which visual tokens go on to the decoder. */
@NullMarked
package saccade.perception.sparsify;

import org.jspecify.annotations.NullMarked;
