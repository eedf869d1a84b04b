/**
 * A ROS 2 graph as bytes, whatever carries it: nodes, publishers, subscriptions, services, clients
 * and the graph itself. Two transports implement it, {@code saccade.nodes.rcl} (the librcl of the
 * sourced distro) and {@code saccade.nodes.zenoh.rmw} (the wire form of rmw_zenoh). Payloads are
 * CDR with their encapsulation header.
 *
 * <p>Names are given as a ROS user writes them ({@code chatter}, {@code /abs}, {@code ~/x}); {@link
 * saccade.nodes.ros.Names} expands, remaps and validates them, the same way for each transport.
 */
@NullMarked
package saccade.nodes.ros;

import org.jspecify.annotations.NullMarked;
