import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

/** The tests that go through each file, all of whose cases they count. */
const readBy: Readonly<Record<string, readonly string[]>> = {
  "distribution-conformance/cases-v1.1.1.json": ["distribution", "distribution-answers"],
  "distribution-conformance/suite-current.json": ["distribution-suite"],
  "registry/auth/auth-config-json.json": ["credentials"],
  "registry/auth/challenge-headers.json": ["credentials"],
  "registry/auth/credential-helper.json": ["credentials"],
  "registry/auth/docker-config-hosts.json": ["credentials"],
  "registry/auth/docker-config-lookup.json": ["credentials"],
  "registry/auth/docker-config-samples/config.json": ["credentials"],
  "registry/auth/error-bodies.json": ["errors"],
  "registry/auth/token-rules.json": ["tokens"],
  "registry/references/ggcr-names.json": ["../packages/references"],
  "registry/references/own-endpoints.json": ["../packages/references"],
  "registry/references/platform-compare.json": ["../packages/references"],
  "registry/references/platform-parse.json": ["../packages/references"],
  "registry/references/regclient-equal.json": ["../packages/references"],
  "registry/references/regclient-host.json": ["../packages/references"],
  "registry/references/regclient-ref.json": ["../packages/references"],
  "registry/registries.json": ["kinds", "kinds-lists", "kinds-traps"],
  "registry/tags/paging.json": ["lists"],
  "registry/tags/shapes.json": ["lists"],
  "registry/webhooks/payloads-keel.jsonl": ["notifications"],
  "registry/webhooks/payloads.jsonl": ["notifications"],
  "registry/webhooks/signatures.json": ["notifications"],
};

/** A folder that is read as a whole. */
const recorded = { folder: "registry/recorded/", files: 9, by: "recorded" };

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
  const beside = name.startsWith("kinds") ? ["kinds.ts"] : [];
  const texts = [`${name}.test.ts`, ...beside].map((file) => readFileSync(join(import.meta.dirname, file), "utf8"));
  return texts.join("\n");
}
