/**
 * The C library of Zenoh by the Foreign Function API: finding and opening it ({@link
 * saccade.nodes.zenoh.c.Libzenohc}), its functions ({@link saccade.nodes.zenoh.c.Zenohc}), memory
 * for what it puts into ours ({@link saccade.nodes.zenoh.c.Blocks}) and its calls back ({@link
 * saccade.nodes.zenoh.c.Upcalls}). What a session is stands in {@code saccade.nodes.zenoh}.
 */
@NullMarked
package saccade.nodes.zenoh.c;

import org.jspecify.annotations.NullMarked;
