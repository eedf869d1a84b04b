/** The bars this project sets itself, and how a run is held against them. */
@NullMarked
package saccade.hil.bars;

import org.jspecify.annotations.NullMarked;
