import { createHash } from "node:crypto";

/**
 * What names each layer together with all below it, lowest first: the lowest by its diff id, each other by the SHA-256
 * of `<chain id below> <diff id>`. Source: OCI image-spec 1.1, "Layer ChainID".
 */
export function* chainIds(diffIds: readonly string[]): Generator<string> {
  let below: string | undefined;
  for (const diffId of diffIds) {
    below = below === undefined ? diffId : `sha256:${createHash("sha256").update(`${below} ${diffId}`).digest("hex")}`;
    yield below;
  }
}
