import { PlimsollError } from "../../model/error.ts";
import type { Tree } from "../../model/images/tree.ts";
import { formOfMediaType, unreadForm } from "./layer-form.ts";

/**
 * A layer that cannot be read: walking it fails with `layout-malformed` and the message, so that the other layers can
 * be read.
 */
export function unreadableLayer(message: string): Tree {
  return {
    walk() {
      return Promise.reject(new PlimsollError("layout-malformed", message));
    },
  };
}

/**
 * A layer that a manifest names and the layout does not hold, or not so that it can be read: `obstacle` is a clause
 * that says why. `holder` names the layout in a sentence, `mediaType` is what the manifest says of the layer.
 */
export function missingLayer(
  name: string,
  {
    holder,
    mediaType,
    obstacle,
  }: { readonly holder: string; readonly mediaType: string; readonly obstacle: string | undefined },
): Tree {
  if (obstacle !== undefined) return unreadableLayer(`the layer ${name} in ${holder} cannot be read: ${obstacle}`);
  const why = isForeign(mediaType) ? ": it is a foreign layer, which is stored outside the image" : "";
  return unreadableLayer(`the layer ${name} is missing from ${holder}${why}`);
}

/**
 * A layer that is not what the image says of it: walking it gives what is in it, and then fails with `layout-malformed`
 * and the message.
 */
export function doubtfulLayer(tree: Tree, message: string): Tree {
  return {
    async walk(visitor, options) {
      await tree.walk(visitor, options);
      throw new PlimsollError("layout-malformed", message);
    },
  };
}

/** A layer that may be cut off or another one: where it turns out to be, walking it fails with the message. */
export function damagedLayer(tree: Tree, message: string): Tree {
  return {
    async walk(visitor, options) {
      try {
        await tree.walk(visitor, options);
      } catch (cause) {
        if (!(cause instanceof PlimsollError) || !damages.has(cause.code)) throw cause;
        throw new PlimsollError("layout-malformed", message, { cause });
      }
    },
  };
}

const damages: ReadonlySet<string> = new Set(["archive-malformed", "digest-mismatch"]);

/**
 * What a layer's media type says against reading it, as the message of a problem; undefined when nothing. Source:
 * containers/ocicrypt, and those of {@link formOfMediaType}.
 */
export function obstacleOf(mediaType: string): string | undefined {
  if (mediaType.endsWith("+encrypted")) return "the layer is encrypted, and decryption is not supported";
  const form = formOfMediaType(mediaType);
  return form === undefined ? undefined : unreadForm(form);
}

/**
 * True for a layer that may be kept elsewhere than in a registry or an archive, at the addresses that its descriptor
 * gives.
 * Source: distribution, "Image Manifest Version 2, Schema 2"; OCI image-spec 1.1, "Non-Distributable Layers".
 */
export function isForeign(mediaType: string): boolean {
  return /^application\/vnd\.(?:docker\.image\.rootfs\.foreign\.|oci\.image\.layer\.nondistributable\.)/.test(
    mediaType,
  );
}
