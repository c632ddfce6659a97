import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../tests/setup/temporary-folder.ts";
import { openBuiltInAdvisories } from "./built-in.ts";

const folder = temporaryFolder();
const damaged = temporaryFolder();

test("the files of a folder make one index, dated by the newest record", () => {
  const affected = [{ package: { ecosystem: "npm", name: "lodash" }, versions: ["1.0.0"] }];
  writeFileSync(join(folder, "npm.json"), JSON.stringify([{ id: "A-1", modified: "2024-01-01T00:00:00Z", affected }]));
  writeFileSync(
    join(folder, "go.json"),
    JSON.stringify([{ id: "B-1", modified: "2025-01-01T00:00:00Z", aliases: ["CVE-2024-1"] }]),
  );
  const index = openBuiltInAdvisories(folder);
  expect(index.status).toEqual({
    kind: "built-in",
    source: "built-in",
    builtAt: "2025-01-01T00:00:00Z",
    records: 2,
    parts: [],
    ecosystems: [{ ecosystem: "npm", records: 1, newest: "2024-01-01T00:00:00Z" }],
  });
  expect(index.find("npm", "lodash").map(({ id }) => id)).toEqual(["A-1"]);
  expect(["A-1", "CVE-2024-1", "CVE-2024-2"].map((name) => index.builtInRecords(name).map(({ id }) => id))).toEqual([
    ["A-1"],
    ["B-1"],
    [],
  ]);
});

test("a missing folder and a damaged file are said at first use", () => {
  const missing = openBuiltInAdvisories(join(folder, "none"));
  expect(() => missing.covers("npm")).toThrow(expect.objectContaining({ code: "database-not-found" }));
  for (const content of ["[", "{}", '[{"id":1}]']) {
    writeFileSync(join(damaged, "npm.json"), content);
    const index = openBuiltInAdvisories(damaged);
    expect(() => index.status).toThrow(expect.objectContaining({ code: "database-malformed" }));
  }
});
