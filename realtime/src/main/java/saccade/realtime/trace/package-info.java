/**
 * What was decided and what ran, as records of fixed size: an off-heap ring for each thread that
 * writes, one thread that brings them to a file, and a reader.
 */
@NullMarked
package saccade.realtime.trace;

import org.jspecify.annotations.NullMarked;
