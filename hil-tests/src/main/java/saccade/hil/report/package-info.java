/** What a run prints: lines for people, figures, one JSON line; progress; paired timing. */
@NullMarked
package saccade.hil.report;

import org.jspecify.annotations.NullMarked;
