/**
 * Looking into a ROS 2 graph from the command line, with nothing but a JDK: {@code saccade topic},
 * {@code node}, {@code param}, {@code service}. Set-up and tools only.
 */
@NullMarked
package saccade.nodes.inspect;

import org.jspecify.annotations.NullMarked;
