/**
 * ROS 2 over Zenoh in the wire form of rmw_zenoh_cpp (Jazzy, Kilted and later): key expressions,
 * liveliness tokens that are the graph, 33-byte attachments, services as queryables,
 * transient-local by caches and history queries. {@link saccade.nodes.zenoh.rmw.ZenohTransport} is
 * the way in.
 */
@NullMarked
package saccade.nodes.zenoh.rmw;

import org.jspecify.annotations.NullMarked;
