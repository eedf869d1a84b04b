/** Graph and rig files: read, checked key by key, turned into immutable records. Set-up only. */
@NullMarked
package saccade.nodes.graph;

import org.jspecify.annotations.NullMarked;
