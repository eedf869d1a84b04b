/**
 * ROS interface definitions: the parser of {@code .msg}, {@code .srv} and {@code .action} files,
 * their RIHS01 hashes and the generator of {@code saccade.msg}. The build runs the generator
 * straight from these sources, so the classes it reaches use nothing but the JDK and each other.
 */
@NullMarked
package saccade.nodes.idl;

import org.jspecify.annotations.NullMarked;
