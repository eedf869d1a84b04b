/** The command line: one root command, groups of verbs, exit codes. Set-up only. */
@NullMarked
package saccade.nodes.cli;

import org.jspecify.annotations.NullMarked;
