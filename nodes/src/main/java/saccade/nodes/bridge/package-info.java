/**
 * Planner bridges: planner messages out to Nav2, Autoware, Ackermann vehicles and CARLA, over any
 * {@link saccade.nodes.ros.RosTransport}. Each has a thread of its own that goes on publishing when
 * messages stop.
 */
@NullMarked
package saccade.nodes.bridge;

import org.jspecify.annotations.NullMarked;
