import { inflateSync } from "node:zlib";
import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject, parseJson } from "../../../model/objects/json-object.ts";
import type { FoundPackage } from "../../../model/packages/package.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../../os/damage.ts";
import { readExactly } from "../executable/executable.ts";
import { executableMagics } from "../executable/executable-magics.ts";
import { namedSection } from "./named-section.ts";

/**
 * The longest list that is read, in bytes, packed and unpacked; that of a program of a thousand crates has about
 * 100,000.
 */
const listLimit = 8 * 1024 * 1024;
const sectionName = ".dep-v0";

/**
 * The crates inside a Rust program that `cargo auditable` built, as distributions do for theirs: the list that it
 * leaves in a section of ELF, PE and Mach-O files (in universal ones: in the first), packed with zlib. Told are those
 * of `crates.io` and those of the working copy (`local`): the program itself, for which the list says `local` also
 * where cargo took it from crates.io, and the other crates of its workspace, which projects publish under the same
 * names and advisories are about (wasmtime, gix). The price: a crate that was never published is compared with what is
 * said of a published one of its name and version. What came from Git or another registry is not told: it may be a
 * fork. Neither are crates that were needed for building alone (`"kind": "build"`).
 *
 * Other Rust programs have no list, and give nothing. An entry of the list that is none is a problem, and so is a Rust
 * program whose sections cannot be read: it may have a list.
 *
 * Source: cargo-auditable, PARSING.md and its JSON schema.
 */
export const cargoAuditable: Extractor = {
  id: "binary/cargo-auditable",
  revision: 6,
  files: [
    {
      // A program that was made as small as the compiler can has 293 kB, a library for C 265 kB. Those without Rust's
      // standard library, or linked to it as a library of its own, can have 11 kB; so has nearly every file.
      smallest: 128 * 1024,
      magic: executableMagics,
    },
  ],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const { path } = file;
  const { problem } = context;
  const section = namedSection(file, sectionName);
  if (section === undefined) return;
  if (section === "unreadable") {
    if (!isRustBinary(file)) return;
    const message = `${path} is a Rust program whose table of sections is absent or damaged, so its crates could not be identified`;
    problem({ code: "unreadable", message, path });
    return;
  }
  const { source, range } = section;
  const tooLong = range.size > listLimit;
  const packed = range.size <= listLimit ? readExactly(source, range.offset, range.size) : undefined;
  const list = packed && unpack(packed);
  if (tooLong || list === "too long") {
    const message = `${path} is a Rust program whose list of crates is over the limit, so its crates could not be identified`;
    problem({ code: "limit-exceeded", message, path });
    return;
  }
  const crates = list === undefined ? undefined : parseJson(list);
  if (!isJsonObject(crates) || !Array.isArray(crates["packages"])) {
    const message = `${path} is a Rust program whose list of crates is damaged, so its crates could not be identified`;
    problem({ code: "unreadable", message, path });
    return;
  }
  const broken = damage(file, context, "crate");
  for (const crate of crates["packages"]) {
    const found = packageOf(crate);
    if (typeof found === "string") broken.note(found);
    else if (found) yield { kind: "package", package: found };
  }
  broken.report();
}

const searchedPiece = 1024 * 1024;
/** What a panic prints as its place in the standard library: the commit of the compiler is part of it. */
const libraryPath = /\/rustc\/[0-9a-f]{40}\//;
const libraryPathLength = 48;

/** Whether the file holds a path of Rust's standard library, as programs built by the compiler do. */
function isRustBinary(file: OpenFile): boolean {
  for (let start = 0; start < file.size; start += searchedPiece) {
    const bytes = file.read(start, Math.min(searchedPiece + libraryPathLength, file.size - start));
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (piece.includes("/rustc/") && libraryPath.test(piece.toString("latin1"))) return true;
  }
  return false;
}

function unpack(packed: Buffer): string | "too long" | undefined {
  try {
    return inflateSync(packed, { maxOutputLength: listLimit }).toString("utf8");
  } catch (error) {
    const isTooLong = error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    return isTooLong ? "too long" : undefined;
  }
}

const namePattern = /^[A-Za-z0-9_-]{1,128}$/;
const versionPattern = /^\d[\w.+-]{0,255}$/;

/** The package, or what is wrong with the entry; undefined when it is of none. */
function packageOf(crate: unknown): FoundPackage | string | undefined {
  const { name, version, source, kind } = isJsonObject(crate) ? crate : {};
  if (typeof source !== "string") return "it has no source";
  if ((source !== "crates.io" && source !== "local") || kind === "build") return undefined;
  if (typeof name !== "string" || !namePattern.test(name)) return "it has no valid name";
  if (typeof version !== "string" || !versionPattern.test(version)) return `${name} has no valid version`;
  return { type: "cargo", name, version };
}
