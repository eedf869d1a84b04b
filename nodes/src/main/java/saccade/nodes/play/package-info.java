/**
 * Players of recordings: readers of the KITTI raw layout and of what {@code sim export} writes, and
 * the source that plays them into a pipeline. Every reader is bounded, and every complaint is one
 * line: what was found, what was wanted, where.
 */
@NullMarked
package saccade.nodes.play;

import org.jspecify.annotations.NullMarked;
