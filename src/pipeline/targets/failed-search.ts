import { PlimsollError } from "../../model/error.ts";
import { isDenied } from "./find-on-this-machine.ts";
import { hintForBareRegistry } from "./open-registry-image.ts";

/** A search that found nothing on this machine. */
export interface FailedSearch {
  /** Clauses about the places that were searched. */
  readonly asked: string;
  /** The error of an engine whose socket this user has no permission for. */
  readonly denied?: PlimsollError | undefined;
}

/** Error: `image-not-found` for an id, which a registry would take for the tag of an image `sha256`. */
export function refuseId(name: string, search?: FailedSearch): void {
  if (!/^sha(?:256|512):[0-9a-f]+$/.test(name)) return;
  const asked = search?.asked;
  const here = `no image on this machine has the id ${name}: ${asked}`;
  throw new PlimsollError(
    "image-not-found",
    asked === undefined ? `${name} is not a valid name of an image in a registry` : here,
    {
      hint:
        search?.denied?.hint ?? "Check the ID, or pull the image. For an image in a registry, use NAME@sha256:DIGEST.",
    },
  );
}

/** Error: `image-not-found` for a name that is only a host and a port. `asked` says where it was searched. */
export function refuseBareRegistry(name: string, asked: string): void {
  const hint = hintForBareRegistry(name);
  if (hint === undefined) return;
  throw new PlimsollError("image-not-found", `no local image named ${name}: ${asked}`, { hint });
}

/**
 * A clause. An engine that runs and may not be asked may have the very image, and so may one of a context that cannot
 * be used: that is said, one that is not there is not explained.
 */
export function whyNotAsked(error: PlimsollError): string {
  const { message, cause } = error;
  return cause === undefined || isDenied(error) ? message : "no Docker Engine found";
}

/** Adds the search to the error of a registry. Causes that are not our errors, and `cancelled`, stay as they are. */
export function afterSearch({ asked, denied }: FailedSearch, name: string, cause: unknown): unknown {
  if (!(cause instanceof PlimsollError) || cause.code === "cancelled") return cause;
  const message = `no file or folder named ${name}; ${asked}; ${cause.message}`;
  const hint =
    denied?.hint === undefined ? cause.hint : `${denied.hint} If the image is in a registry, use registry:${name}.`;
  return new PlimsollError(cause.code, message, { cause, ...(hint !== undefined && { hint }) });
}
