/** The world of the simulator: road, agents, lights, and the scene that the renderers see. */
@NullMarked
package saccade.sim.world;

import org.jspecify.annotations.NullMarked;
