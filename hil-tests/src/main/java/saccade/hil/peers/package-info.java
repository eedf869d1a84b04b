/** Real peers of other makers: where they are, and their processes. */
@NullMarked
package saccade.hil.peers;

import org.jspecify.annotations.NullMarked;
