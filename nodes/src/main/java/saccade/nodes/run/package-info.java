/** A graph as a program: opened, warmed up, watched, ended with a report. */
@NullMarked
package saccade.nodes.run;

import org.jspecify.annotations.NullMarked;
