/** The sliding key/value cache of one stream. */
@NullMarked
package saccade.perception.kv;

import org.jspecify.annotations.NullMarked;
