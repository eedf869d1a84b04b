/** Model packages: what a directory with saccade-model.json promises, checked at load. */
@NullMarked
package saccade.perception.model;

import org.jspecify.annotations.NullMarked;
