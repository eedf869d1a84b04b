/** The verbs of this module: demo, run, sim export, model inspect, model verify, doctor. */
@NullMarked
package saccade.nodes.verbs;

import org.jspecify.annotations.NullMarked;
