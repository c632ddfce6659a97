import { expect, test } from "vitest";
import { mostImageFiles } from "./image-facts.ts";
import { ImageFileCollector } from "./image-file-collector.ts";

test("files are sorted by what is wrong with them", () => {
  const collector = new ImageFileCollector();
  const file = (path: string, mode = 0o644): void => collector.add({ path, type: "file", mode, size: 1 });
  file("usr/bin/sudo", 0o4755);
  file("srv/data", 0o666);
  file("app/server.key");
  file("etc/shadow");
  file("usr/share/doc/sample.key");
  file("var/lib/apt/lists/a_Packages");
  collector.add({ path: "tmp", type: "directory", mode: 0o1777, size: 0 });
  collector.add({ path: "app/.git", type: "directory", mode: 0o755, size: 0 });
  collector.add({ path: "bin/sh", type: "symlink", mode: 0o777, size: 0 });
  const { setId, worldWritable, secrets, leftOver, truncated } = collector.finish();
  expect([setId, worldWritable, secrets, leftOver].map((files) => files.map(({ path }) => path))).toEqual([
    ["/usr/bin/sudo"],
    ["/srv/data"],
    ["/app/server.key"],
    ["/app/.git", "/var/lib/apt/lists/a_Packages"],
  ]);
  expect(truncated).toEqual([]);
});

test("no more than a number of files is kept, and that is told", () => {
  const collector = new ImageFileCollector();
  for (let index = 0; index <= mostImageFiles; index++)
    collector.add({ path: `tmp/${index}`, type: "file", mode: 0o666, size: 1 });
  expect(collector.finish()).toMatchObject({ truncated: ["leftOver", "worldWritable"] });
  expect(collector.finish().leftOver).toHaveLength(mostImageFiles);
});
