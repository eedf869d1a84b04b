/** When a set's tokens are decided before the last layer. */
@NullMarked
package saccade.perception.exit;

import org.jspecify.annotations.NullMarked;
