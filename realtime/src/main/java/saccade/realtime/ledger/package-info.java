/**
 * Every drop has a reason and is counted: offered = delivered + dropped + in flight, at every
 * boundary.
 */
@NullMarked
package saccade.realtime.ledger;

import org.jspecify.annotations.NullMarked;
