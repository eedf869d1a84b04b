/** Saccade: nodes. */
@NullMarked
package saccade.nodes;

import org.jspecify.annotations.NullMarked;
