/**
 * A Zenoh 1.x session in plain Java: no native library, no router needed between two of our own
 * processes. {@link saccade.nodes.zenoh.ZenohSession} is the interface; {@code Link} is one
 * connection, {@code Message} one decoded network message. {@code NativeSession} is the same
 * interface over the robot's libzenohc, through {@code saccade.nodes.zenoh.c}.
 */
@NullMarked
package saccade.nodes.zenoh;

import org.jspecify.annotations.NullMarked;
