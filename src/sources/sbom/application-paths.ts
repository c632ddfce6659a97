import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import type { JsonPlace } from "./json-shape.ts";

/**
 * Where the packages of a program or a list of packages were found, in a CycloneDX document of Trivy: the `application`
 * that depends on them, directly or by way of others, is named by its file (`usr/local/bin/app`, `app/Gemfile.lock`),
 * and they have no path of their own. By `bom-ref`, each with the names in the document's order. Members of another
 * form are skipped, and after five million steps the remaining packages stay without a path.
 *
 * Source: Trivy 0.74, `pkg/sbom/io/encode.go`.
 */
export function applicationPaths({ object }: JsonPlace): ReadonlyMap<string, readonly string[]> {
  const applications = listOf(object["components"]).flatMap(applicationIn);
  const paths = new Map<string, string[]>();
  if (applications.length === 0) return paths;
  const isApplication = new Set(applications.map(({ reference }) => reference));
  const dependencies = dependenciesIn(object);
  let steps = 0;
  for (const { reference, path } of applications) {
    const seen = new Set([reference]);
    const open = [reference];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const other of dependencies.get(next) ?? []) {
        steps += 1;
        if (steps > mostSteps) return paths;
        if (typeof other !== "string" || seen.has(other) || isApplication.has(other)) continue;
        seen.add(other);
        open.push(other);
        const known = paths.get(other);
        if (known) known.push(path);
        else paths.set(other, [path]);
      }
    }
  }
  return paths;
}

const mostSteps = 5_000_000;

function applicationIn(component: unknown): { readonly reference: string; readonly path: string }[] {
  if (!isJsonObject(component) || component["type"] !== "application") return [];
  const { "bom-ref": reference, name: path } = component;
  const ofTrivy = listOf(component["properties"]).some(
    (property) =>
      isJsonObject(property) && property["name"] === "aquasecurity:trivy:Class" && property["value"] === "lang-pkgs",
  );
  return ofTrivy && typeof reference === "string" && typeof path === "string" ? [{ reference, path }] : [];
}

function dependenciesIn(document: JsonObject): ReadonlyMap<string, readonly unknown[]> {
  const dependencies = new Map<string, readonly unknown[]>();
  for (const dependency of listOf(document["dependencies"])) {
    if (!isJsonObject(dependency) || typeof dependency["ref"] !== "string") continue;
    dependencies.set(dependency["ref"], listOf(dependency["dependsOn"]));
  }
  return dependencies;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
