package saccade.realtime.overload;

import saccade.realtime.deadline.Worth;

/**
 * What counts as on time and as useful.
 *
 * @param reflexNs from a set's being there to its reflex
 * @param validNs an action or text that is delivered older than this is of no use
 * @param worth of what is delivered
 */
public record Terms(long reflexNs, long validNs, Worth worth) {}
