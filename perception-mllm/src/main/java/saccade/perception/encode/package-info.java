/** Sensor data of one set to tokens. */
@NullMarked
package saccade.perception.encode;

import org.jspecify.annotations.NullMarked;
