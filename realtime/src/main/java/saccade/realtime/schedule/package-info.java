/**
 * Non-preemptive slices of work, strict criticality classes, earliest deadline first inside a
 * class.
 */
@NullMarked
package saccade.realtime.schedule;

import org.jspecify.annotations.NullMarked;
