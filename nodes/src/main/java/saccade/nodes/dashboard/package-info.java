/**
 * The live page: a web server on 127.0.0.1 that shows what the pipeline sees, says and does. It
 * takes at most ten messages a second from the control thread and does the rest on threads of its
 * own.
 */
@NullMarked
package saccade.nodes.dashboard;

import org.jspecify.annotations.NullMarked;
