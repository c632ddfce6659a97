import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { isDigest } from "../../model/packages/reference.ts";
import type { Content } from "./content-digest.ts";

/** What a manifest or an index says of a piece of content. Source: OCI image-spec 1.1, "OCI Content Descriptors". */
export interface Descriptor extends Content {
  /** Empty when it is not given. */
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** `os/architecture[/variant]`, when the descriptor gives it. */
  readonly platform?: string;
  /** Which Windows it is for, as `10.0.17763.4974`, when the descriptor gives a platform that has it. */
  readonly osVersion?: string;
}

/** Reads a descriptor; undefined for what has no digest or no size. */
export function readDescriptor(value: unknown): Descriptor | undefined {
  if (!isJsonObject(value)) return undefined;
  const { digest, size, mediaType, artifactType } = value;
  if (typeof digest !== "string" || !isDigest(digest)) return undefined;
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) return undefined;
  const annotations = readAnnotations(value["annotations"]);
  const { platform: given } = value;
  const platform = isJsonObject(given) ? platformIn(given) : undefined;
  const osVersion = platform !== undefined && isJsonObject(given) ? given["os.version"] : undefined;
  return {
    digest,
    size,
    mediaType: typeof mediaType === "string" ? mediaType : "",
    ...(typeof artifactType === "string" && artifactType !== "" && { artifactType }),
    ...(annotations && { annotations }),
    ...(platform !== undefined && { platform }),
    ...(typeof osVersion === "string" && osVersion !== "" && { osVersion }),
  };
}

/** Annotations that are texts; undefined when there are none. */
export function readAnnotations(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isJsonObject(value)) return undefined;
  const texts = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return texts.length === 0 ? undefined : Object.fromEntries(texts);
}

/** `os/architecture[/variant]`; undefined when either of the first two is missing. */
export function platformIn({ os, architecture, variant }: JsonObject): string | undefined {
  const parts = [os, architecture, variant].filter((part): part is string => typeof part === "string" && part !== "");
  return typeof os === "string" && typeof architecture === "string" && parts.length >= 2 ? parts.join("/") : undefined;
}
