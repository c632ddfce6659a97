import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { PlimsollError } from "../../../src/model/error.ts";
import { scanTarget } from "../../../src/pipeline/scan/scan.ts";
import { jsonText } from "../../../src/reporters/json.ts";
import { corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { readReportSchema } from "../../setup/report-schema.ts";

const { errorsOf } = readReportSchema("report.schema.json");

describeWithCorpus("the report of every archive in the corpus follows the published schema", () => {
  test("31 archives, 30 of images", async () => {
    const options = { signal: new AbortController().signal, now: new Date(0), verifyDigests: false };
    const archives = ["docker-archive", "oci-archive"].flatMap((kind) =>
      readdirSync(corpusPath("images", kind))
        .filter((name) => !name.endsWith(".json"))
        .map((name) => corpusPath("images", kind, name)),
    );
    const refused: string[] = [];
    let valid = 0;
    for (const path of archives) {
      try {
        const text = [...jsonText(await scanTarget(path, options))].join("");
        expect(errorsOf(JSON.parse(text)), path).toEqual([]);
        valid++;
      } catch (error) {
        if (!(error instanceof PlimsollError)) throw error;
        refused.push(error.code);
      }
    }
    expect(archives.length).toBeGreaterThanOrEqual(31);
    expect(refused).toEqual(["archive-not-recognised"]);
    expect(valid).toBe(archives.length - 1);
  });
});
