import type { FilePattern, OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { applications } from "./applications.ts";
import { findVersion, searchedBytes } from "./find-version.ts";
import { libraries } from "./libraries.ts";
import type { Program } from "./program.ts";
import { runtimes } from "./runtimes.ts";
import { servers } from "./servers.ts";
import { tools } from "./tools.ts";

/** Every program that is recognised. Where several have a file name in common, the first that is found counts. */
export const programs: readonly Program[] = [...runtimes, ...servers, ...tools, ...libraries, ...applications];

/**
 * Programs and libraries that no package manager knows: runtimes and servers that were compiled or copied into an
 * image. The name of the file says which program it may be; the version stands in a text that the program contains. A
 * file in which that text is missing gives nothing.
 *
 * Bitnami's programs are left out, because beside each of them stands what it is.
 */
export const unpackagedPrograms: Extractor = {
  id: "binary/programs",
  revision: 1,
  files: patterns(),
  extract,
};

function patterns(): readonly FilePattern[] {
  const names = new Set(programs.flatMap(({ files = [] }) => files));
  const prefixes = new Set(programs.flatMap(({ prefixes: own = [] }) => own));
  return [
    ...[...names].sort().map((basename) => ({ basename })),
    ...[...prefixes].sort().map((prefix) => ({ prefix })),
  ];
}

function* extract(file: OpenFile, { problem }: Context): Generator<Extraction> {
  const { path, size } = file;
  if (`/${path}`.includes("/opt/bitnami/")) return;
  const name = path.slice(path.lastIndexOf("/") + 1);
  for (const program of programs) {
    if (!program.files?.includes(name) && !program.prefixes?.some((prefix) => name.startsWith(prefix))) continue;
    const start = program.named === undefined ? "" : program.named.exec(name)?.[1];
    const version = start === undefined ? undefined : findVersion(file, program.texts, start);
    if (version === undefined) continue;
    yield { kind: "package", package: { type: "generic", name: program.name, version } };
    return;
  }
  if (size > searchedBytes) {
    const message = `${path} was not searched for its version to the end: it is ${size} bytes; the limit is ${searchedBytes} bytes`;
    problem({ code: "limit-exceeded", message, path });
  }
}
