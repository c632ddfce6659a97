import { configMembers } from "../../io/documents/ambiguous-document.ts";
import { blobPath, type FoundManifest } from "./collect-manifests.ts";
import type { ListedImage } from "./docker-archive.ts";
import { asObject, parseDocument } from "./image-config.ts";
import { holds, type LayoutFiles, readDocument } from "./layout-files.ts";
import { isForeign } from "./unreadable-layer.ts";

/** Highest number of layer comparisons; further layers are taken for different ones. */
const mostCompared = 2_000_000;

/**
 * Whether an image that `manifest.json` lists and one that `index.json` leads to are the same: by the config, and by
 * the bytes of all layers.
 */
export class ImageComparison {
  readonly #files: LayoutFiles;
  readonly #isWindows = new Map<string, boolean>();
  #compared = 0;

  constructor(files: LayoutFiles) {
    this.#files = files;
  }

  /** Errors: those of reading the config. */
  isSame({ id, layers: paths }: ListedImage, one: FoundManifest): boolean {
    if (configOf(one) !== id) return false;
    // Go writes an empty list as null.
    const layers = one.manifest["layers"] ?? [];
    if (!Array.isArray(layers) || layers.length !== paths.length) return false;
    return paths.every((path, index) => this.#isSameLayer(path, asObject(layers[index]), id));
  }

  #isSameLayer(path: string, { digest, mediaType }: Record<string, unknown>, config: string): boolean {
    if (++this.#compared > mostCompared) return false;
    const blob = blobPath(String(digest));
    if (blob === undefined || path === blob) return blob !== undefined;
    if (this.#files.range(path) !== undefined && this.#files.identity(path) === this.#files.identity(blob)) return true;
    return isForeign(String(mediaType)) && !holds(this.#files, blob) && this.#isForWindows(config);
  }

  /**
   * Docker on Windows saves the layers of Windows itself, and names them in the OCI manifest as Microsoft's registry
   * has them, compressed. No image for another system is let off: Podman fetches such a layer from wherever its
   * manifest says. Source: moby `daemon/internal/image/tarexport/save.go`, `layer/ro_layer_windows.go`.
   */
  #isForWindows(config: string): boolean {
    const known = this.#isWindows.get(config);
    if (known !== undefined) return known;
    const path = blobPath(config);
    const bytes = path === undefined ? undefined : readDocument(this.#files, path);
    const { parsed } = this.#files;
    const options = { members: configMembers, parsed };
    const isWindows = bytes && asObject(parseDocument(bytes, `the config ${config}`, options))["os"] === "windows";
    this.#isWindows.set(config, isWindows === true);
    return isWindows === true;
  }
}

/** The digest of the config that a manifest names. */
export function configOf({ manifest }: FoundManifest): string {
  return String(asObject(manifest["config"])["digest"]);
}
