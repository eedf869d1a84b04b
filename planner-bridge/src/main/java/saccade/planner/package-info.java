/**
 * From model output to commands: action codec, scene in {@code base_link}, planner message, stale
 * gate, expiry profile, reflex, JSON lines. Knows no model, no sensor and no transport; time is
 * always an argument.
 */
@NullMarked
package saccade.planner;

import org.jspecify.annotations.NullMarked;
