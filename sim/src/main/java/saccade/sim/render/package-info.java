/** Renderers of the simulator: what a camera and a LiDAR of a rig see of a scene. */
@NullMarked
package saccade.sim.render;

import org.jspecify.annotations.NullMarked;
