/**
 * Sensor geometry: rigid transforms, pinhole cameras and LiDARs of a rig, in REP-103/105 frames.
 */
@NullMarked
package saccade.kernels.geometry;

import org.jspecify.annotations.NullMarked;
