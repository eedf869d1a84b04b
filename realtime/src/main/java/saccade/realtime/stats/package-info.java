/** Latency histograms per stage. */
@NullMarked
package saccade.realtime.stats;

import org.jspecify.annotations.NullMarked;
