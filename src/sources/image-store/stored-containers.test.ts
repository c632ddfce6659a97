import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { type StoredContainers, storedContainers } from "./stored-containers.ts";

const base = temporaryFolder();
let count = 0;

/** The containers read from a store with this list of containers. */
function read(list: unknown): StoredContainers & { readonly file: string } {
  const root = join(base, String(count++));
  mkdirSync(join(root, "overlay-containers"), { recursive: true });
  writeFileSync(join(root, "overlay-containers", "containers.json"), JSON.stringify(list));
  return { ...storedContainers(root), file: `overlay-containers/containers.json in ${root}` };
}

const id = "a".repeat(64);
const good = { id, names: ["web"], image: "b".repeat(64), metadata: JSON.stringify({ "image-name": "docker.io/x:1" }) };

test.each([[{}], [5], ["x"], [true]])("a list of containers that is %j is an error of the store", (list) => {
  expect(() => read(list)).toThrow(
    expect.objectContaining({
      code: "layout-malformed",
      message: expect.stringMatching(/containers\.json in .* is not a list$/),
    }),
  );
});

test.each([[null], [[]]])("a list of containers that is %j has none, as older versions write it", (list) => {
  expect(read(list)).toMatchObject({ containers: [], damages: [] });
});

test("entries that are not containers are told, and the others read", () => {
  const { containers, damages, file } = read([good, 7, { ...good, id: 5 }, { ...good, id: "short" }]);
  expect(containers.map((container) => container.id)).toEqual([id]);
  expect(damages).toEqual([`3 entries of ${file} are not containers`]);
});

test.each([
  ["that is not JSON", "{"],
  ["that is not an object", "5"],
  ["that is not text", 5],
])("a container with metadata %s is one all the same, and says so", (_, metadata) => {
  const { containers, damages } = read([
    { ...good, metadata },
    { ...good, id: "c".repeat(64) },
  ]);
  expect(damages).toEqual([]);
  expect(containers).toMatchObject([
    { id, name: "web", imageId: `sha256:${"b".repeat(64)}`, image: "", damage: "its metadata cannot be read" },
    { name: "web", image: "docker.io/x:1" },
  ]);
  expect(containers[1]).not.toHaveProperty("damage");
});

test("containers beyond the limit are told", () => {
  const many = Array.from({ length: 10_002 }, (_, index) => ({ ...good, id: index.toString(16).padStart(64, "0") }));
  const { containers, damages } = read(many);
  expect(containers).toHaveLength(10_000);
  expect(damages).toEqual([expect.stringMatching(/^2 containers .* were skipped; the limit is 10000$/)]);
});
