import { counted } from "../model/text/counted.ts";

/**
 * What was not looked at of layers that were read by their tables of contents, and `how` to have it looked at, an
 * option or a command.
 */
export function inPartText(layers: number, how: string): string {
  const [were, theirs] = layers === 1 ? ["was", "its table"] : ["were", "their tables"];
  return `${counted(layers, "layer")} ${were} read by ${theirs} of contents alone; docker run unpacks the whole tar, and ${how} reads that`;
}
