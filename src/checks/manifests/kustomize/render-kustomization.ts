import { posix } from "node:path";
import type { CheckLocation } from "../../../model/checks/check.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { type ManifestResource, manifestResource } from "../manifest-resource.ts";
import { readDocument, splitDocuments } from "../reading/manifest-document.ts";
import { readManifests } from "../reading/read-manifests.ts";
import { applyJsonPatch } from "./json-patch.ts";
import { objectAt, textAt } from "./json-path.ts";
import {
  isKustomizationName,
  type Kustomization,
  type KustomizationPatch,
  readKustomization,
} from "./kustomization.ts";
import { referenceKey, renameReferences } from "./kustomize-references.ts";
import { isTarget, transform } from "./kustomize-transforms.ts";
import { mergeStrategically } from "./strategic-merge.ts";

/** Files by their path, and where to tell what could not be done. */
export interface KustomizeFiles {
  readonly files: ReadonlyMap<string, Uint8Array>;
  problem(problem: Problem): void;
}

const deepest = 20;
const mostRendered = 100_000;
const mostBuilt = 10_000;

/** The kustomizations among files: which folders have one, and what they name. */
export class Kustomizations {
  readonly #files: ReadonlyMap<string, Uint8Array>;
  readonly #problem: (problem: Problem) => void;
  readonly #byFolder = new Map<string, { path: string; asked: Kustomization }>();
  /** Files whose content is in what was rendered. */
  readonly #examined = new Set<string>();
  /** Folders whose kustomization was built. */
  readonly #visited = new Set<string>();
  readonly #missing = new Set<string>();
  #rendered = 0;
  #built = 0;

  constructor({ files, problem }: KustomizeFiles) {
    this.#files = files;
    const seen = new Set<string>();
    this.#problem = (one) => {
      // A base that several overlays use is built for each of them.
      const key = JSON.stringify(one);
      if (!seen.has(key)) problem(one);
      seen.add(key);
    };
    for (const [path, bytes] of files) {
      if (isKustomizationName(posix.basename(path))) this.#add(path, bytes);
    }
  }

  #add(path: string, bytes: Uint8Array): void {
    const folder = posix.dirname(path);
    const documents = splitDocuments(new TextDecoder().decode(bytes).replaceAll("\r\n", "\n"));
    const [document] = documents;
    const read = document ? readDocument(document) : { value: {} };
    if (!("value" in read) || !isJsonObject(read.value)) {
      this.#problem({ code: "unreadable", message: "kustomization cannot be read", path });
      return;
    }
    const asked = readKustomization(read.value);
    const { kind } = asked;
    if (kind !== "Kustomization" && kind !== "Component") {
      const message = "kustomization has a kind other than Kustomization or Component: checked as a manifest";
      this.#problem({ code: "unreadable", message, path });
      return;
    }
    if (this.#byFolder.has(folder)) {
      const message = "directory has several kustomization files, which kustomize rejects: only one was rendered";
      this.#problem({ code: "unreadable", message, path });
      return;
    }
    if (documents.length > 1) {
      const message = "kustomization has several documents: only the first was rendered";
      this.#problem({ code: "unreadable", message, path });
    } else this.#examined.add(path);
    this.#byFolder.set(folder, { path, asked });
  }

  /**
   * The files whose content is in what {@link render} returned. All other files, also those that a kustomization names
   * for another use, have to be checked as they stand.
   */
  examinedFiles(): ReadonlySet<string> {
    return this.#examined;
  }

  /**
   * The resources of all kustomizations that no other one uses, with their patches. Each says where it is written
   * before patches. Resources that are the same come once.
   */
  render(): ManifestResource[] {
    const usedFolders = new Set(
      [...this.#byFolder].flatMap(([folder, { asked }]) => asked.resources.map((name) => posix.join(folder, name))),
    );
    const seen = new Set<string>();
    const rendered: ManifestResource[] = [];
    for (const [folder, { asked }] of this.#byFolder) {
      if (usedFolders.has(folder) || asked.kind === "Component") continue;
      for (const resource of this.#build(folder, [])) {
        const key = `${resource.path}\n${JSON.stringify(resource.object)}`;
        if (!seen.has(key)) rendered.push(resource);
        seen.add(key);
      }
    }
    for (const [folder, { path, asked }] of this.#byFolder) {
      if (this.#visited.has(folder)) continue;
      const message =
        asked.kind === "Component"
          ? "no kustomization includes this component: its files are checked without its patches"
          : "kustomization is part of a cycle: its files are checked without its patches";
      this.#problem({ code: "not-examined", message, path });
    }
    return rendered;
  }

  /** The resources of a folder's kustomization; those of a component are made from what is there already. */
  #build(folder: string, way: readonly string[], from: readonly ManifestResource[] = []): ManifestResource[] {
    const found = this.#byFolder.get(folder);
    if (!found || this.#isTooMuch(found.path, { folder, way })) return [...from];
    const { path, asked } = found;
    this.#visited.add(folder);
    if (asked.beyond.length > 0) {
      const message = `${asked.beyond.join(", ")} not supported: check the output of \`kubectl kustomize\` instead`;
      this.#problem({ code: "not-examined", message, path });
    }
    let resources = this.#gather(found, { way: [...way, folder], from });
    for (const patch of asked.patches) resources = this.#patch(resources, patch, { folder, path });
    return transformed(resources, asked);
  }

  /** Whether so many or such deep kustomizations would be built that it ends here, which is a problem then. */
  #isTooMuch(path: string, { folder, way }: { readonly folder: string; readonly way: readonly string[] }): boolean {
    if (++this.#built > mostBuilt) {
      const message = `kustomizations refer to others more than ${mostBuilt} times`;
      if (this.#built === mostBuilt + 1) this.#problem({ code: "limit-exceeded", message, path });
      return true;
    }
    if (!way.includes(folder) && way.length < deepest) return false;
    this.#problem({
      code: "unreadable",
      message: `kustomization refers to itself, or is nested more than ${deepest} deep`,
      path,
    });
    return true;
  }

  /**
   * What a kustomization names and generates, behind what is there already. `way`: the folders on the way, its own
   * last.
   */
  #gather(
    { path, asked }: { readonly path: string; readonly asked: Kustomization },
    { way, from }: { readonly way: readonly string[]; readonly from: readonly ManifestResource[] },
  ): ManifestResource[] {
    let resources = [...from];
    for (const name of asked.resources) {
      const at = posix.join(posix.dirname(path), name);
      const used = this.#byFolder.get(at);
      if (used?.asked.kind === "Component") resources = this.#build(at, way, resources);
      else resources.push(...(used ? this.#build(at, way) : this.#read(at, { name, path })));
    }
    const locate = (): CheckLocation => ({ path, line: 1 });
    resources.push(...asked.generated.map((object) => manifestResource(object, { path, locate })));
    return resources;
  }

  #read(at: string, { name, path }: { name: string; path: string }): readonly ManifestResource[] {
    const bytes = this.#files.get(at);
    if (!bytes) {
      this.#reportMissing(at, { code: "not-examined", message: `${name} is not among the files that were read`, path });
      return [];
    }
    const { resources } = readManifests(bytes, { path: at, problem: this.#problem });
    this.#examined.add(at);
    this.#rendered += resources.length;
    if (this.#rendered <= mostRendered) return resources;
    this.#problem({
      code: "limit-exceeded",
      message: `kustomization renders more than ${mostRendered} resources`,
      path,
    });
    return [];
  }

  /** One problem for each missing file, however many kustomizations name it. */
  #reportMissing(at: string, problem: Problem): void {
    if (!this.#missing.has(at)) this.#problem(problem);
    this.#missing.add(at);
  }

  #patch(
    resources: readonly ManifestResource[],
    { path: file, text, target }: KustomizationPatch,
    { folder, path }: { folder: string; path: string },
  ): ManifestResource[] {
    const at = file === undefined ? path : posix.join(folder, file);
    const bytes = file === undefined ? undefined : this.#files.get(at);
    const content = text ?? (bytes && new TextDecoder().decode(bytes).replaceAll("\r\n", "\n"));
    if (content === undefined) {
      const message = `the patch ${file} is not among the files that were read`;
      this.#reportMissing(at, { code: "not-examined", message, path });
      return [...resources];
    }
    let patched = [...resources];
    let isExamined = file !== undefined && text === undefined;
    for (const document of splitDocuments(content)) {
      const read = readDocument(document);
      if (!("value" in read)) {
        this.#problem({ code: "unreadable", message: `a patch cannot be read: ${read.error}`, path: at });
        isExamined = false;
        continue;
      }
      let isUsed = false;
      patched = patched.flatMap((resource) => {
        const isWanted = target ? isTarget(resource.object, target) : isNamedBy(resource, read.value);
        if (!isWanted) return [resource];
        isUsed = true;
        const object = applyPatch(resource.object, read.value);
        if (object === "failed") {
          this.#problem({
            code: "unreadable",
            message: `a patch cannot be applied to ${resource.kind} ${resource.name}`,
            path: at,
          });
          return [resource];
        }
        return object ? [withObject(resource, object)] : [];
      });
      if (isUsed) continue;
      isExamined = false;
      // The patch may be for a resource of the missing file, which is a problem already.
      if (this.#missing.size > 0) continue;
      this.#problem({ code: "unreadable", message: "a patch matches no resource", path: at });
    }
    if (isExamined) this.#examined.add(at);
    return patched;
  }
}

/**
 * Resources with the names, labels and the like that a kustomization gives them, and with references that follow new
 * names.
 */
function transformed(resources: readonly ManifestResource[], asked: Kustomization): ManifestResource[] {
  const changed = resources.map((resource) => withObject(resource, transform(resource.object, asked)));
  const renamed = new Map(
    resources.flatMap(({ kind, name }, index) => {
      const after = changed[index];
      return after ? [[referenceKey(kind, name), after] as const] : [];
    }),
  );
  return changed.map((resource) => withObject(resource, renameReferences(resource.object, renamed)));
}

function applyPatch(object: JsonObject, patch: unknown): JsonObject | "failed" | undefined {
  if (Array.isArray(patch)) return applyJsonPatch(object, patch) ?? "failed";
  if (!isJsonObject(patch)) return "failed";
  const { metadata, ...others } = patch;
  // The name says which resource it is for; it does not rename.
  const { name: _, namespace: __, ...kept } = isJsonObject(metadata) ? metadata : {};
  return mergeStrategically(object, { ...others, ...(Object.keys(kept).length > 0 ? { metadata: kept } : {}) });
}

/** Whether a patch names this resource: by its kind, name and, where it has one, namespace. */
function isNamedBy({ kind, name, namespace, apiVersion }: ManifestResource, patch: unknown): boolean {
  if (!isJsonObject(patch)) return false;
  const metadata = objectAt(patch, "metadata");
  const group = (version: string): string => (version.includes("/") ? (version.split("/")[0] ?? "") : "");
  return (
    patch["kind"] === kind &&
    metadata["name"] === name &&
    (metadata["namespace"] === undefined || namespace === "" || metadata["namespace"] === namespace) &&
    group(textAt(patch, "apiVersion") ?? "") === group(apiVersion)
  );
}

function withObject(resource: ManifestResource, object: JsonObject): ManifestResource {
  const { path, waivers, locate } = resource;
  return manifestResource(object, {
    ...(path === undefined ? {} : { path }),
    waivers,
    locate: (at) => locate(at) ?? { path: path ?? "" },
  });
}
