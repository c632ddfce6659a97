import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

/** The tests that go through each file, all of whose cases they count. */
const readBy: Readonly<Record<string, readonly string[]>> = {
  "distribution-conformance/cases-v1.1.1.json": ["registry-distribution", "registry-distribution-answers"],
  "distribution-conformance/suite-current.json": ["registry-distribution-suite"],
  "registry/auth/auth-config-json.json": ["registry-credentials"],
  "registry/auth/challenge-headers.json": ["registry-credentials"],
  "registry/auth/credential-helper.json": ["registry-credentials"],
  "registry/auth/docker-config-hosts.json": ["registry-credentials"],
  "registry/auth/docker-config-lookup.json": ["registry-credentials"],
  "registry/auth/docker-config-samples/config.json": ["registry-credentials"],
  "registry/auth/error-bodies.json": ["registry-errors"],
  "registry/auth/token-rules.json": ["registry-tokens"],
  "registry/references/ggcr-names.json": ["references"],
  "registry/references/own-endpoints.json": ["references"],
  "registry/references/platform-compare.json": ["references"],
  "registry/references/platform-parse.json": ["references"],
  "registry/references/regclient-equal.json": ["references"],
  "registry/references/regclient-host.json": ["references"],
  "registry/references/regclient-ref.json": ["references"],
  "registry/registries.json": ["registry-kinds", "registry-kinds-lists", "registry-kinds-traps"],
  "registry/tags/paging.json": ["registry-lists"],
  "registry/tags/shapes.json": ["registry-lists"],
  "registry/webhooks/payloads-keel.jsonl": ["registry-notifications"],
  "registry/webhooks/payloads.jsonl": ["registry-notifications"],
  "registry/webhooks/signatures.json": ["registry-notifications"],
};

/** A folder that is read as a whole. */
const recorded = { folder: "registry/recorded/", files: 9, by: "registry-recorded" };

describeWithCorpus("what the corpus has for registries", () => {
  test("each file is read, and by a test that is there", () => {
    const files = ["distribution-conformance", "registry"].flatMap((folder) => {
      const below = readdirSync(corpusPath("platform", folder), { recursive: true, withFileTypes: true });
      return below
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => {
          return join(parentPath, name).slice(corpusPath("platform").length + 1);
        });
    });
    const data = files.filter((name) => !name.endsWith("/ORIGIN.md"));
    const single = data.filter((name) => !name.startsWith(recorded.folder));
    expect(single.sort()).toEqual(Object.keys(readBy).sort());
    expect(data.length - single.length).toBe(recorded.files);
    for (const [file, tests] of [...Object.entries(readBy), [recorded.folder, [recorded.by]] as const]) {
      for (const one of tests)
        expect(textOf(one), `${one} reads ${file}`).toContain(`"${file.split("/").at(-1) || "recorded"}"`);
    }
  });
});

/** A test, with what it has beside it to read the corpus. */
function textOf(name: string): string {
  const beside = name.startsWith("registry-kinds") ? ["registry-kinds.ts"] : [];
  const texts = [`${name}.test.ts`, ...beside].map((file) => readFileSync(join(import.meta.dirname, file), "utf8"));
  return texts.join("\n");
}
