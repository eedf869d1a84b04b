/** Hardware in the loop: a time code in the picture, measured back at the command. */
@NullMarked
package saccade.hil.rig;

import org.jspecify.annotations.NullMarked;
