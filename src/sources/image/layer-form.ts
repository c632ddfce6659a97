import { PlimsollError } from "../../model/error.ts";

/**
 * The name of the form that a media type gives to a layer which is not a tar, by words of it: `erofs` in
 * `application/vnd.erofs.layer.v1`. Undefined for a type that does not name a form; its bytes may show one.
 *
 * Sources: containerd 2.3 `core/images/mediatypes.go` and its EROFS differ; stacker and apko for SquashFS; Singularity
 * for `vnd.sylabs.image.layer.v1.*` and `vnd.sylabs.sif.layer.v1.sif`; nydus, "Nydus Image"; PuzzleFS.
 */
export function formOfMediaType(mediaType: string): string | undefined {
  const words = mediaType.toLowerCase().split(/[/.+]/);
  if (words.includes("tar")) return undefined;
  return words.map((word) => forms.get(word)).find((form) => form !== undefined);
}

const forms: ReadonlyMap<string, string> = new Map([
  ["erofs", "EROFS"],
  ["squashfs", "SquashFS"],
  ["ext2", "ext2"],
  ["ext3", "ext3"],
  ["ext4", "ext4"],
  ["extfs", "ext3"],
  ["sif", "SIF"],
  ["nydus", "nydus"],
  ["puzzlefs", "PuzzleFS"],
  ["overlaybd", "overlaybd"],
]);

/** Why a layer of a form is not read, as the message of a problem. */
export function unreadForm(form: string): string {
  return `the layer is in the format of ${form}, which is not supported`;
}

/**
 * Refuses a tar that is only the wrapping of another form, given the paths of all that it holds, folders apart: it
 * would be a layer without packages.
 *
 * Error: `archive-malformed`. Sources: accelerated-container-image, "Overlaybd" and "TurboOCI"; nydus, "Nydus Image",
 * whose data may lie outside of the registry.
 */
export function refuseWrappedForm(paths: readonly string[]): void {
  const { form } =
    wrappedForms.find(({ mark, all }) => paths.includes(mark) && paths.every((path) => all.test(path))) ?? {};
  if (form !== undefined) throw new PlimsollError("archive-malformed", unreadForm(form));
}

const turbo = /^(?:(?:ext4|erofs)\.fs\.meta|\.turbo\.ociv1|gzip\.meta)$/;

const wrappedForms: readonly { readonly form: string; readonly mark: string; readonly all: RegExp }[] = [
  { form: "overlaybd", mark: "overlaybd.commit", all: /^overlaybd\.commit$/ },
  { form: "overlaybd", mark: "ext4.fs.meta", all: turbo },
  { form: "overlaybd", mark: "erofs.fs.meta", all: turbo },
  { form: "nydus", mark: "image/image.boot", all: /^image\/[^/]*$/ },
];
