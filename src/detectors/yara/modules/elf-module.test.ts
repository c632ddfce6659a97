import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { compileYaraRules } from "../compile-yara-rules.ts";
import { scanBytes } from "../scan-bytes.ts";

const conditions = [
  "elf.type == elf.ET_DYN or elf.type == elf.ET_EXEC",
  "elf.machine == elf.EM_X86_64 or elf.machine == elf.EM_AARCH64",
  'for any section in elf.sections : (section.name == ".text" and section.flags & elf.SHF_EXECINSTR != 0)',
  'for any section in elf.sections : (section.name == ".bss" and section.type == elf.SHT_NOBITS)',
  "for any segment in elf.segments : (segment.type == elf.PT_INTERP and segment.file_size < 100)",
  "for all i in (0..elf.number_of_segments - 1) : (elf.segments[i].offset <= filesize)",
  "elf.sections[2].address >= elf.sections[1].address and elf.sections[1].offset > 0",
  "elf.number_of_sections > 20",
  "elf.segments[0].virtual_address == elf.segments[0].offset and elf.segments[0].alignment == 8",
];
const text = `import "elf"\n${conditions.map((condition, index) => `rule r${index} { condition: ${condition} }`).join("\n")}`;
const rules = compileYaraRules([{ name: "elf", text }]);

test("fields that are not read need an engine, and other files have none", () => {
  const other = compileYaraRules([
    { name: "other", text: 'import "elf" rule a { condition: elf.dynsym_entries > 1 }' },
  ]);
  expect(other.unsupported.map(({ needs }) => needs)).toEqual(["elf.dynsym_entries"]);
  expect(scanBytes(rules, Buffer.from("no program")).matches).toEqual([]);
});

test.skipIf(spawnSync("yara", ["--version"]).status !== 0)(
  "a program is as in yara, and one that is cut off does no harm",
  () => {
    const folder = temporaryFolder();
    const [path, file] = [join(folder, "rules.yar"), join(folder, "file")];
    writeFileSync(path, text);
    const whole = readFileSync("/bin/sh");
    writeFileSync(file, whole);
    const { stdout } = spawnSync("yara", ["-w", path, file], { encoding: "utf8" });
    const theirs = stdout.split("\n").flatMap((line) => line.split(" ")[0] || []);
    expect(scanBytes(rules, whole).matches.map(({ rule }) => rule)).toEqual(theirs);
    expect(theirs.length).toBeGreaterThan(5);
    for (const length of [10, 60, 100, 500]) expect(() => scanBytes(rules, whole.subarray(0, length))).not.toThrow();
  },
);
