/**
 * What the operating system is asked for (cores, scheduling class, locked memory), what it really
 * gave, and in what state the machine is. Linux; elsewhere everything is reported as not to be had.
 */
@NullMarked
package saccade.realtime.os;

import org.jspecify.annotations.NullMarked;
