/**
 * One stream of sets through one lane under a policy: on a simulated clock with slice times of a
 * table or a trace, or on the machine's with a real engine. The policies of the product are the
 * very classes that drive; the others are what it is compared with.
 */
@NullMarked
package saccade.realtime.overload;

import org.jspecify.annotations.NullMarked;
