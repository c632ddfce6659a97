/** The language version: that of the newest Falco, or that of 0.40 (libsinsp 0.20). */
export type Generation = "head" | "0.40";
