/**
 * The most layers of an image. Linux stacks 500 with overlay file systems (`OVL_MAX_STACK` in `fs/overlayfs`), Docker
 * 127, so no engine runs an image with more.
 */
export const mostLayers = 500;
