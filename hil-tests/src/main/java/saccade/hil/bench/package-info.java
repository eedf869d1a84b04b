/** Parts measured beside their rivals or beside their younger selves. */
@NullMarked
package saccade.hil.bench;

import org.jspecify.annotations.NullMarked;
