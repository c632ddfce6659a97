import { inflateSync } from "node:zlib";
import type { OpenFile } from "../../../model/file.ts";
import { isJsonObject, parseJson } from "../../../model/json-object.ts";
import type { FoundPackage } from "../../../model/package.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { executableMagics } from "../executable-magics.ts";
import { readExactly } from "../go/executable.ts";
import { namedSection } from "./named-section.ts";

/** The longest list that is read, in bytes, packed and unpacked; that of a program of a thousand crates has about 100,000. */
const listLimit = 8 * 1024 * 1024;
const sectionName = ".dep-v0";

/**
 * The crates inside a Rust program that `cargo auditable` built, as distributions do for theirs: the list that it leaves in a section
 * of ELF, PE and Mach-O files (in universal ones: in the first), packed with zlib. What is not of `crates.io` is not told: nobody published
 * it under its name. Neither are crates that were needed for building alone (`"kind": "build"`).
 *
 * Other Rust programs have no list, and give nothing.
 *
 * Source: cargo-auditable, PARSING.md and its JSON schema.
 */
export const cargoAuditable: Extractor = {
  id: "binary/cargo-auditable",
  revision: 1,
  files: [
    {
      // A program that prints one line has 343 kB without symbols, and one without a crate is of no interest.
      smallest: 320 * 1024,
      magic: executableMagics,
    },
  ],
  extract,
};

function* extract(file: OpenFile, { problem }: Context): Generator<Extraction> {
  const { path } = file;
  const section = namedSection(file, sectionName);
  if (section === undefined) return;
  const { source, range } = section;
  const tooLong = range.size > listLimit;
  const packed = range.size <= listLimit ? readExactly(source, range.offset, range.size) : undefined;
  const list = packed && unpack(packed);
  if (tooLong || list === "too long") {
    const message = `${path} is a Rust program whose list of crates is over the limit, so its crates are not known`;
    problem({ code: "limit-exceeded", message, path });
    return;
  }
  const crates = list === undefined ? undefined : parseJson(list);
  if (!isJsonObject(crates) || !Array.isArray(crates["packages"])) {
    const message = `${path} is a Rust program whose list of crates is damaged, so its crates are not known`;
    problem({ code: "unreadable", message, path });
    return;
  }
  for (const crate of crates["packages"]) {
    const found = packageOf(crate);
    if (found) yield { kind: "package", package: found };
  }
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

function packageOf(crate: unknown): FoundPackage | undefined {
  const { name, version, source, kind = "runtime" } = isJsonObject(crate) ? crate : {};
  if (source !== "crates.io" || kind !== "runtime") return undefined;
  if (typeof name !== "string" || !namePattern.test(name)) return undefined;
  if (typeof version !== "string" || !versionPattern.test(version)) return undefined;
  return { type: "cargo", name, version };
}
