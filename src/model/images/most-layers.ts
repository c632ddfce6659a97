/**
 * The most layers of an image. Linux stacks 500 with overlay file systems (`OVL_MAX_STACK` in `fs/overlayfs`), so no
 * engine runs an image with more. Docker's own store takes 125.
 */
export const mostLayers = 500;
