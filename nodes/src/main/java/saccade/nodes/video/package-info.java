/**
 * Cameras that are not a recording of ours: video files, image folders, USB cameras and network
 * streams, read by FFmpeg, opened again when they break.
 */
@NullMarked
package saccade.nodes.video;

import org.jspecify.annotations.NullMarked;
