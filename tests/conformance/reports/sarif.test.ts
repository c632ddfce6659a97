import { readdirSync } from "node:fs";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { expect, test } from "vitest";
import { scanTarget } from "../../../src/pipeline/scan/scan.ts";
import { scanSarif } from "../../../src/reporters/formats/sarif/sarif.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

describeWithCorpus("SARIF of every image archive in the corpus follows the schema of OASIS", () => {
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv);
  // The schema names draft 4 and has no keyword that later drafts read otherwise.
  const {
    $schema: _,
    id: __,
    ...schema
  } = corpusJson<{ readonly $schema: string; readonly id: string }>("platform/ci/schemas", "sarif-2.1.0.schema.json");
  const validate = ajv.compile(schema);

  test("30 images, the same bytes twice", async () => {
    const options = { signal: new AbortController().signal, now: new Date(0), verifyDigests: false };
    const archives = ["docker-archive", "oci-archive"].flatMap((kind) =>
      readdirSync(corpusPath("images", kind))
        .filter((name) => !name.endsWith(".json") && name.includes(".tar"))
        .map((name) => corpusPath("images", kind, name)),
    );
    let valid = 0;
    for (const path of archives) {
      const report = await scanTarget(path, options).catch(() => undefined);
      if (!report) continue;
      const text = [...scanSarif(report)].join("");
      expect(validate(JSON.parse(text)), `${path}: ${JSON.stringify(validate.errors)}`).toBe(true);
      expect([...scanSarif(report)].join("")).toBe(text);
      valid++;
    }
    expect(valid).toBe(30);
  });
});
