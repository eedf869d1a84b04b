/** LiDAR sweeps to model inputs: bird's-eye pillars and range painting. */
@NullMarked
package saccade.kernels.lidar;

import org.jspecify.annotations.NullMarked;
