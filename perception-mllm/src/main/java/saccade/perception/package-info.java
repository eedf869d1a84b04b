/** The streaming MLLM of one vehicle: sets of sensor data in, action tokens and a sentence out. */
@NullMarked
package saccade.perception;

import org.jspecify.annotations.NullMarked;
