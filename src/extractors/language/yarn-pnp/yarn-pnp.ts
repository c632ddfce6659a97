// Yarn's Plug'n'Play has no node_modules: one file at the root of the application tells Node.js which package lies
// where. The part of it that is data is an object of JSON, in a text of JavaScript in single quotes, as an object of
// JavaScript, or in a file of its own:
//
//   const RAW_RUNTIME_STATE = '{\            Yarn 4;  return hydrateRuntimeState(JSON.parse('{\   Yarn 3;
//                                            return hydrateRuntimeState({                        Yarn 2
//     "packageRegistryData": [\
//       ["lodash", [\                        a name; null for the application itself
//         ["npm:4.17.15", {\                 a reference to each release of it
//           "packageLocation": "./.yarn/cache/lodash-….zip/node_modules/lodash/",\
//         }]\
//
// In the text a backslash stands before a quote, a backslash and the end of a line. References, without
// `virtual:<hash>#` before them:
//
//   npm:<version>[::<parameters>]            a release in a registry
//   patch:<descriptor>#<patches>::version=<version>&<parameters>     such a release with changes
//   workspace:, file:, link:, portal:        a folder beside the application, which is not published
//   anything else                            an archive or a repository at an address, without a version

import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject, parseJson } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";
import { isPackageName, packageVersion } from "../npm/manifest.ts";
import { packageLocation } from "./package-location.ts";

/**
 * The npm packages of an application that Yarn installed with Plug'n'Play, from `.pnp.cjs`, or from `.pnp.data.json`
 * beside it. A package without a version in its reference is a problem. A file of another form, such as `.pnp.js` of
 * Yarn 1, is reported as seen and not read. One inside of `node_modules` came with a package and installs nothing.
 *
 * The archives in `.yarn/cache` are not read: the file names those that are in use, wherever the cache lies, and a
 * cache holds others. Each package has its location, because the file also lists packages for other platforms, which
 * Yarn does not install.
 *
 * Source: Yarn, "Plug'n'Play specification", "Lockfile" and the protocols.
 */
export const yarnPnp: Extractor = {
  id: "language/yarn-pnp",
  revision: 3,
  files: [{ basename: ".pnp.cjs" }, { basename: ".pnp.js" }, { basename: ".pnp.data.json" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const { path } = file;
  if (/(?:^|\/)node_modules\//.test(path)) return;
  const text = readText(file, context);
  if (text === undefined) return;
  const written = path.endsWith(".json") ? { text, isJson: true } : stateIn(text);
  // Then the file beside it has the packages.
  if (!written && text.includes('(__dirname, ".pnp.data.json")')) return;
  const state = parseJson(written?.text ?? "");
  if (state === undefined && !written?.isJson) {
    yield { kind: "unread", format: { packagesOf: "Yarn's Plug'n'Play", kind: "installed", type: "npm" } };
    return;
  }
  const registry = isJsonObject(state) ? state["packageRegistryData"] : undefined;
  if (!Array.isArray(registry)) {
    const message = `${path} lists Yarn Plug'n'Play packages in an unsupported format, so its packages could not be identified`;
    context.problem({ code: "unreadable", message, path });
    return;
  }
  const broken = damage(file, context, "package");
  const known = new Set<string>();
  for (const { name, reference, written } of releasesIn(registry)) {
    const version = versionOf(reference);
    if (version === "unpublished") continue;
    const location = packageLocation(written, file);
    const key = JSON.stringify(version === undefined ? [name] : [name, version, location]);
    if (known.has(key)) continue;
    known.add(key);
    if (!isPackageName(name)) broken.note("it has no valid name");
    else if (version === undefined) broken.note(`${name} has no version`);
    else {
      const found = { type: "npm", name, version } as const;
      yield { kind: "package", package: found, ...(location !== undefined && { location }) };
    }
  }
  broken.report();
}

/** The data in a program of Yarn 2 and later, and whether it is damaged when it is not JSON. */
function stateIn(text: string): { readonly text: string; readonly isJson: boolean } | undefined {
  const opening = /(?:RAW_RUNTIME_STATE =|hydrateRuntimeState\(JSON\.parse\()\s*'/.exec(text);
  if (!opening) return objectIn(text);
  const start = opening.index + opening[0].length;
  let end = start;
  while (end < text.length && text[end] !== "'") end += text[end] === "\\" ? 2 : 1;
  const literal = text.slice(start, end);
  const unescaped = literal.replace(/\\(\r?\n|[\s\S])/g, (_, escaped: string) =>
    escaped.endsWith("\n") ? "" : escaped,
  );
  return { text: unescaped, isJson: true };
}

/** Up to the brace that closes the object; without one the file was cut off. */
function objectIn(text: string): { readonly text: string; readonly isJson: boolean } | undefined {
  const opening = /hydrateRuntimeState\(\s*(?=\{)/.exec(text);
  if (!opening) return undefined;
  const start = opening.index + opening[0].length;
  let depth = 0;
  let isQuoted = false;
  for (let at = start; at < text.length; at++) {
    const letter = text[at];
    if (letter === '"') isQuoted = !isQuoted;
    else if (isQuoted && letter === "\\") at++;
    else if (!isQuoted && letter === "{") depth++;
    else if (!isQuoted && letter === "}" && --depth === 0) return { text: text.slice(start, at + 1), isJson: false };
  }
  return { text: text.slice(start), isJson: true };
}

interface Release {
  readonly name: unknown;
  readonly reference?: unknown;
  /** The location as the file has it. */
  readonly written?: unknown;
}

/** All but the application itself, which has no name. Entries of another form are given unchanged, to be reported. */
function* releasesIn(registry: readonly unknown[]): Generator<Release> {
  for (const entry of registry) {
    const [name, releases]: readonly unknown[] = Array.isArray(entry) ? entry : [];
    if (name === null) continue;
    if (!Array.isArray(releases)) yield { name };
    else for (const release of releases) yield { name, ...releaseOf(release) };
  }
}

function releaseOf(release: unknown): Omit<Release, "name"> {
  const [reference, details]: readonly unknown[] = Array.isArray(release) ? release : [];
  return { reference, written: isJsonObject(details) ? details["packageLocation"] : undefined };
}

/** Undefined where the reference tells none. */
function versionOf(reference: unknown): string | "unpublished" | undefined {
  const text = typeof reference === "string" ? reference.replace(/^virtual:[^#]*#/, "") : "";
  if (/^(?:workspace|file|link|portal):/.test(text)) return "unpublished";
  const [before = "", parameters = ""] = text.split("::", 2);
  if (before.startsWith("npm:")) return packageVersion(before.slice("npm:".length));
  const version = before.startsWith("patch:") ? new URLSearchParams(parameters).get("version") : null;
  return version === null ? undefined : packageVersion(version);
}
