/**
 * The perception node on a robot: ROS topics into the sensors' slots, planner messages out to
 * topics, parameters, diagnostics. Transport-neutral; built on {@code saccade.nodes.node}.
 */
@NullMarked
package saccade.nodes.rosnode;

import org.jspecify.annotations.NullMarked;
