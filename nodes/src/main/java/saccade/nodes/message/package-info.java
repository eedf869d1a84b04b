/**
 * Messages of types that are known only at run time: their descriptions as peers send them, and
 * messages as text.
 */
@NullMarked
package saccade.nodes.message;

import org.jspecify.annotations.NullMarked;
