import type { ReferenceFinding, Workload } from "../../model/images/workload.ts";
import { parseReference } from "../../model/packages/reference.ts";

/**
 * The images that are used by a name which may mean another image tomorrow: by `latest`, by no tag, or by a tag without
 * a digest; one finding for each name, those by `latest` first. What no reference names, such as an image's id, is none
 * of them.
 */
export function findReferences(workloads: readonly Workload[]): readonly ReferenceFinding[] {
  const findings = [...Map.groupBy(workloads, ({ image }) => image)].flatMap(([image, users]): ReferenceFinding[] => {
    const reference = parseReference(image);
    if (!reference || reference.digest !== undefined || users.every(isById)) return [];
    const pins = distinct(users.map(({ pinned }) => pinned));
    const runs = distinctImages(users);
    return [
      {
        kind: "reference",
        id: (reference.tag ?? "latest") === "latest" ? "latest" : "no-digest",
        severity: "low",
        image,
        ...(pins.length === 1 && runs.length < 2 && { pin: pins[0] ?? "" }),
        ...(pins.length > 1 && runs.length < 2 && { pins }),
        ...(runs.length > 1 && { runs }),
        workloads: distinct(users.map(({ engine, name }) => `${engine} ${name}`)),
      },
    ];
  });
  return findings.sort((a, b) => compare(a.id, b.id) || compare(a.image, b.image));
}

/** True for an image that is named by its id or the beginning of it, either of which reads like a name. */
function isById({ image, imageId }: Workload): boolean {
  const hex = image.replace(/^sha256:/, "");
  return /^[0-9a-f]{64}$/.test(hex) || (imageId?.startsWith(`sha256:${hex}`) ?? false);
}

/** Digests of images of one platform; what several platforms run under one name is meant to differ. */
function distinctImages(workloads: readonly Workload[]): readonly string[] {
  const byPlatform = Map.groupBy(workloads, ({ engine, place, platform }) => JSON.stringify([engine, place, platform]));
  const groups = [...byPlatform.values()].map((group) =>
    distinct(group.map(({ digest, imageId }) => digest ?? imageId)),
  );
  return groups.find(({ length }) => length > 1) ?? [];
}

function distinct(texts: readonly (string | undefined)[]): string[] {
  return [...new Set(texts.filter((text) => text !== undefined))].sort(compare);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
