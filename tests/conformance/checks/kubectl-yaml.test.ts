import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readManifests } from "../../../src/checks/manifests/reading/read-manifests.ts";
import type { JsonObject } from "../../../src/model/objects/json-object.ts";
import type { Problem } from "../../../src/model/reports/problem.ts";
import { Chance, generatedManifest, mutatedManifest } from "./generated-manifests.ts";

// `kubectl label --local` reads files with the API machinery's reader, asks no server and prints what it has read.
const documents = 4000;
const hasKubectl = spawnSync("kubectl", ["version", "--client"], { timeout: 20_000 }).status === 0;

describe.skipIf(!hasKubectl)(
  `manifests beside kubectl${hasKubectl ? "" : " (skipped: kubectl is not installed)"}`,
  () => {
    test.each([
      ["generated documents", generatedManifest, 1 / 3],
      ["documents with random changes", mutatedManifest, 1 / 4],
    ])("%s are read as kubectl reads them, or are a problem", { timeout: 120_000 }, async (_, generate, share) => {
      const chance = new Chance(22);
      const texts = new Map(
        Array.from({ length: documents }, (_, index) => {
          const name = `generated-${index}`;
          return [name, generate(chance, name)] as const;
        }),
      );
      const wanted = await kubectlReading(texts);
      const wrong: unknown[] = [];
      const unread: string[] = [];
      for (const [name, value] of wanted) {
        const text = texts.get(name) ?? "";
        const { objects, problems } = ourReading(text);
        if (problems.length > 0) unread.push(`${problems[0]?.message}\n${text}`);
        else if (objects.length !== 1 || canonical(objects[0]) !== canonical(value)) {
          wrong.push({ text, kubectl: canonical(value), ours: canonical(objects[0]) });
        }
      }
      expect(wrong).toEqual([]);
      expect(wanted.size).toBeGreaterThan(documents * share);
      // Forms that readers take differently are a problem by decision 57; the generators write them often.
      expect(unread.length).toBeLessThan(wanted.size / 8);
    });
  },
);

/** What kubectl reads of each file, by the name of the object; without those that it refuses. */
async function kubectlReading(texts: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, JsonObject>> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-kubectl-"));
  try {
    for (const [name, text] of texts) writeFileSync(join(folder, `${name}.yaml`), text);
    const arguments_ = ["label", "--local", "-f", folder, "read=yes", "-o", "json"];
    const env = { ...process.env, KUBECONFIG: join(folder, "none") };
    const output = await new Promise<string>((resolve) => {
      const options = { env, timeout: 100_000, maxBuffer: 256 * 1024 * 1024 };
      // It ends with 1, since some of the files are none that it reads.
      execFile("kubectl", arguments_, options, (_, stdout) => resolve(stdout));
    });
    const objects = output.split(/^(?<=\}\n)(?=\{)/m).filter((text) => text.trim() !== "");
    return new Map(
      objects.map((text) => {
        const object = JSON.parse(text) as JsonObject & { metadata: { name: string; labels?: unknown } };
        delete object.metadata.labels;
        return [object.metadata.name, object] as const;
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function ourReading(text: string): { readonly objects: readonly JsonObject[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const { resources } = readManifests(text, { path: "x.yaml", problem: (problem) => problems.push(problem) });
  return { objects: resources.map(({ object }) => object), problems };
}

/** JSON with the keys of all objects in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
