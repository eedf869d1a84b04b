/**
 * The ROS 2 of the robot, through the librcl of its sourced distro and the Foreign Function API:
 * whatever middleware lies below it (Fast DDS, Cyclone DDS, Zenoh) is the robot's choice, and
 * nothing is compiled. {@link saccade.nodes.rcl.RclTransport#open} is the way in.
 */
@NullMarked
package saccade.nodes.rcl;

import org.jspecify.annotations.NullMarked;
