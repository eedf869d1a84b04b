/** The sliced decoder: runs rows of tokens through slices of layers over the cache. */
@NullMarked
package saccade.perception.decode;

import org.jspecify.annotations.NullMarked;
