import { PlimsollError } from "../../model/error.ts";
import type { Tree } from "../../model/tree.ts";
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
 * A layer that a manifest names and the archive or layout does not hold, or not so that it can be read: `obstacle` is a
 * clause that says why. `mediaType` is what the manifest says of it.
 */
export function missingLayer(
  name: string,
  { mediaType, obstacle }: { readonly mediaType: string; readonly obstacle: string | undefined },
): Tree {
  if (obstacle !== undefined) return unreadableLayer(`the layer ${name} in the archive cannot be read: ${obstacle}`);
  const why = isForeign(mediaType) ? ": it is a foreign one, which is kept elsewhere and not with the image" : "";
  return unreadableLayer(`the layer ${name} is missing from the archive${why}`);
}

/**
 * What a layer's media type says against reading it, as the message of a problem; undefined when nothing. Source:
 * containers/ocicrypt, and those of {@link formOfMediaType}.
 */
export function obstacleOf(mediaType: string): string | undefined {
  if (mediaType.endsWith("+encrypted")) return "the layer is encrypted, and there is no key to read it with";
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
