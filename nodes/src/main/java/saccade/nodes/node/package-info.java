/**
 * What a ROS user expects of a node, over any transport of {@code saccade.nodes.ros}: typed topics
 * and services, parameters, lifecycle, log, diagnostics, time, transforms, hand-over within one
 * process. Names and behaviour follow rclcpp.
 */
@NullMarked
package saccade.nodes.node;

import org.jspecify.annotations.NullMarked;
