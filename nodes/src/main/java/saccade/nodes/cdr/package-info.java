/**
 * Plain CDR (XCDR1), the byte form of every ROS 2 message: a reader and a writer over memory, the
 * types of messages and services, and views that read large messages where they lie.
 */
@NullMarked
package saccade.nodes.cdr;

import org.jspecify.annotations.NullMarked;
