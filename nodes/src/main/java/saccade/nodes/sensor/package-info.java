/**
 * What feeds a pipeline: sources of frames and ego motion, and the inlets they push into. The
 * simulator and the players implement the same interface.
 */
@NullMarked
package saccade.nodes.sensor;

import org.jspecify.annotations.NullMarked;
