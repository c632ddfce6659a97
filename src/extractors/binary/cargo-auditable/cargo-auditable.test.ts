import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { cargoAuditable } from "./cargo-auditable.ts";
import { elfWithSection, machOWithSection, peWithSection } from "./synthetic-sections.ts";

const path = "usr/local/bin/app";
const list = {
  packages: [
    { name: "app", version: "0.1.0", source: "local", root: true, dependencies: [1, 2, 3] },
    { name: "time", version: "0.1.42", source: "crates.io" },
    { name: "libgit2-sys", version: "0.12.14+1.1.0", source: "crates.io", kind: "runtime" },
    { name: "cc", version: "1.0.0", source: "crates.io", kind: "build" },
    { name: "app-core", version: "0.1.0", source: "local" },
    { name: "app-build", version: "0.1.0", source: "local", kind: "build" },
    { name: "patched", version: "1.0.0", source: "git" },
    { name: "inner", version: "1.0.0", source: "registry" },
  ],
};
const packed = deflateSync(JSON.stringify(list));
/** The program, its workspace and crates.io; build dependencies and crates from Git or another registry are left out. */
const crates = [
  crate("app", "0.1.0"),
  crate("time", "0.1.42"),
  crate("libgit2-sys", "0.12.14+1.1.0"),
  crate("app-core", "0.1.0"),
];

describeExtractor(cargoAuditable, [
  { path, bytes: elfWithSection(".dep-v0", packed), expected: crates },
  { path, bytes: elfWithSection(".dep-v0", packed, { wide: false, bigEndian: true }), expected: crates },
  { path: "app/app.exe", bytes: peWithSection(".dep-v0", packed), expected: crates },
  { path, bytes: machOWithSection(".dep-v0", packed), expected: crates },
  { path, bytes: elfWithSection(".text", packed), expected: [] },
  { path: "usr/lib/debug/app.debug", bytes: elfWithSection(".dep-v0", packed, { type: 8 }), expected: [] },
]);

test("binary/cargo-auditable reports crates whose fields can be none, and lists the others", () => {
  const one = { name: "a", version: "1.0.0", source: "crates.io" };
  const wrong = [{ ...one, name: "a b" }, { ...one, name: "" }, { ...one, version: 1 }, { ...one, source: 3 }, null, 7];
  const message = `6 crates of ${path} could not be read (first: it has no valid name)`;
  expect(read(deflateSync(JSON.stringify({ packages: [...wrong, one, { ...one, name: "b", kind: 2 }] })))).toEqual({
    extractions: [crate("a", "1.0.0"), crate("b", "1.0.0")],
    problems: [{ code: "unreadable", message, path }],
  });
});

describe("binary/cargo-auditable reports a Rust program", () => {
  const library = Buffer.from(`/rustc/${"0123456789".repeat(4)}/library/core/src/option.rs`);
  const program = (damage: (file: Buffer) => void, file = Buffer.from(elfWithSection(".dep-v0", packed))): Buffer => {
    damage(file);
    return file;
  };
  test.each<[string, (file: Buffer) => void]>([
    ["whose table of sections lies outside of the file", (file) => file.writeBigUInt64LE(1n << 40n, 40)],
    ["whose sections have another size", (file) => file.writeUInt16LE(63, 58)],
    ["whose sections cannot be counted", (file) => file.writeUInt16LE(0xffff, 60)],
    ["whose number of sections is 0", (file) => file.writeUInt16LE(0, 60)],
    ["whose sections have no names", (file) => file.writeUInt16LE(9, 62)],
  ])("%s", (_, damage) => {
    const message = `${path} is a Rust program whose table of sections is absent or damaged, so its crates could not be identified`;
    const file = program(damage);
    expect(run(Buffer.concat([file, library]))).toEqual({
      extractions: [],
      problems: [{ code: "unreadable", message, path }],
    });
    const far = Buffer.concat([file, Buffer.alloc(1024 * 1024 - file.length - 20), library]);
    expect(run(far).problems).toHaveLength(1);
    expect(run(file)).toEqual({ extractions: [], problems: [] });
  });

  test("of Windows and of macOS whose sections lie outside of the file", () => {
    const pe = program((file) => file.writeUInt16LE(0xfff, 64 + 6), Buffer.from(peWithSection(".dep-v0", packed)));
    const machO = program((file) => file.writeUInt32LE(7, 36), Buffer.from(machOWithSection(".dep-v0", packed)));
    for (const file of [pe, machO]) expect(run(Buffer.concat([file, library])).problems).toHaveLength(1);
  });

  test("that has no table of sections, which a loader does not need", () => {
    const file = program((bytes) => bytes.fill(0, 40, 48).fill(0, 58, 64));
    expect(run(Buffer.concat([file, library])).problems).toHaveLength(1);
    expect(run(file)).toEqual({ extractions: [], problems: [] });
  });
});

test("binary/cargo-auditable reads a program whose header states another class and byte order, as Linux does", () => {
  const file = Buffer.from(elfWithSection(".dep-v0", packed));
  file.writeUInt16LE(62, 18);
  file.writeUInt16LE(56, 54);
  file.set([1, 2], 4);
  expect(run(file).extractions).not.toEqual([]);
  expect(run(file)).toEqual(read(packed));
});

describe("binary/cargo-auditable reports a list that", () => {
  test.each([
    ["is damaged", packed.subarray(0, 20), "unreadable"],
    ["is not packed", Buffer.from(JSON.stringify(list)), "unreadable"],
    ["is not JSON", deflateSync("packages"), "unreadable"],
    ["has no packages", deflateSync("{}"), "unreadable"],
    ["is longer than 8 MiB once unpacked", deflateSync(Buffer.alloc(8 * 1024 * 1024 + 1)), "limit-exceeded"],
    ["is longer than 8 MiB packed", Buffer.alloc(8 * 1024 * 1024 + 1), "limit-exceeded"],
  ])("%s", (_, bytes, code) => {
    expect(read(bytes)).toMatchObject({ extractions: [], problems: [{ code, path }] });
  });

  test("lies outside of the file", () => {
    const whole = elfWithSection(".dep-v0", packed);
    const { problems } = run(elfWithSection(".dep-v0", packed, { claimedSize: whole.length }));
    expect(problems).toMatchObject([{ code: "unreadable", path }]);
  });
});

function crate(name: string, version: string): Extraction {
  return { kind: "package", package: { type: "cargo", name, version } };
}

function read(section: Uint8Array): ReturnType<typeof run> {
  return run(elfWithSection(".dep-v0", section));
}

function run(bytes: Uint8Array): { extractions: Extraction[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  return { extractions: [...cargoAuditable.extract(memoryFile(path, bytes), context)], problems };
}
