package saccade.planner;

/** Keeps the package from being empty; goes when the first real class arrives. */
interface Placeholder {}
