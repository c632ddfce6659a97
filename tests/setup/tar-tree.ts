import { TarStreamWalker } from "../../src/io/tar/stream-walker.ts";
import type { Tree } from "../../src/model/images/tree.ts";
import { type TarMember, tar } from "./tar.ts";

/** The tree of a tar, or of a tar of these members, in memory. */
export function tarTree(members: readonly TarMember[] | Uint8Array): Tree {
  return {
    walk(visitor) {
      const walker = new TarStreamWalker(visitor);
      walker.push(members instanceof Uint8Array ? Buffer.from(members) : tar(members));
      walker.end();
      return Promise.resolve();
    },
  };
}
