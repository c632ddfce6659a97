import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import { build } from "../tools/development/build.ts";
import { sampleManifest, sampleTemplates } from "./manifest-samples.ts";
import { ratio, runInTurn, type TimedCommand } from "./measure.ts";
import { inMegabytes, printMachine, printRuns, write } from "./print-runs.ts";

/**
 * Times `check manifests` over many files that are made here, beside reading and parsing them, and `check host` of this machine. Arguments:
 * `--manifests N`, else 10,000; `--rounds N`, else 3.
 */
export async function benchChecks(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { manifests: { type: "string", default: "10000" }, rounds: { type: "string", default: "3" } },
  });
  const number = Number(values.manifests);
  const rounds = Number(values.rounds);
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-checks-"));
  try {
    const [yaml, json] = [join(folder, "yaml"), join(folder, "json")];
    const size = writeManifests(number, { yaml, json });
    const plimsoll = [process.execPath, join(await build(), "plimsoll.js"), "check"];
    const floor = [process.execPath, join(import.meta.dirname, "checks-floor.ts")];
    const report = ["--format", "json", "--output", join(folder, "report.json")];
    const checking = (name: string, ...more: string[]): TimedCommand => ({
      name,
      command: [...plimsoll, ...more, ...report],
    });
    const commands = [
      checking("check manifests, YAML", "manifests", yaml),
      { name: "yaml alone", command: [...floor, "yaml", yaml] },
      checking("check manifests, JSON", "manifests", json),
      { name: "JSON.parse alone", command: [...floor, "json", json] },
      checking("check host", "host"),
    ];
    printMachine(rounds);
    write(
      `\n${number} manifests from ${sampleTemplates} templates, ${inMegabytes(size.yaml)} of YAML, ${inMegabytes(size.json)} of JSON`,
    );
    const runs = await runInTurn(commands, rounds);
    for (const [index, { name }] of commands.entries()) {
      const floorRuns = name.startsWith("check manifests") ? runs[index + 1] : undefined;
      const times = floorRuns ? `${ratio(runs[index] ?? [], floorRuns).toFixed(2)} times the floor` : "";
      printRuns(name, runs[index] ?? [], times);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes the manifests in both forms, one a file, and tells how many bytes they are. */
function writeManifests(
  number: number,
  folders: { readonly yaml: string; readonly json: string },
): { readonly yaml: number; readonly json: number } {
  const size = { yaml: 0, json: 0 };
  for (const form of ["yaml", "json"] as const) {
    mkdirSync(folders[form]);
    for (let index = 0; index < number; index++) {
      const sample = sampleManifest(index);
      const text =
        form === "yaml" ? `# Made for the bench.\n${stringify(sample)}` : `${JSON.stringify(sample, null, 2)}\n`;
      size[form] += text.length;
      writeFileSync(join(folders[form], `${index}.${form}`), text);
    }
  }
  return size;
}
