/**
 * Payload slots with leases and the ring of descriptors that hands them from a sensor to the
 * pipeline.
 */
@NullMarked
package saccade.realtime.ring;

import org.jspecify.annotations.NullMarked;
