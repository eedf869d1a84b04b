/**
 * From sensor rings to planner messages and vehicle commands: one core, driven in real time by
 * threads or stepped through simulated time.
 */
@NullMarked
package saccade.nodes.pipeline;

import org.jspecify.annotations.NullMarked;
