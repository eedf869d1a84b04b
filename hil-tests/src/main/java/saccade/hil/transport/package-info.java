/** Round trips and flow of our transports beside those of others. */
@NullMarked
package saccade.hil.transport;

import org.jspecify.annotations.NullMarked;
