/** Our transports against real peers: what passes between them, byte by byte. */
@NullMarked
package saccade.hil.interop;

import org.jspecify.annotations.NullMarked;
