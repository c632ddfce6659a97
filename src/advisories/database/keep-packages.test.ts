import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { Affected } from "../../model/findings/advisory.ts";
import { AdvisoryDatabaseWriter } from "./database-writer.ts";
import { keepPackages } from "./keep-packages.ts";
import { openAdvisoryDatabase } from "./open-advisory-database.ts";

const [jammy, focal] = ["Ubuntu:22.04:LTS", "Ubuntu:20.04:LTS"];
const open = (ecosystem: string, name: string): Affected => ({ package: { ecosystem, name } });
const advisory = { id: "UBUNTU-CVE-2024-1000", modified: "2024-01-01T00:00:00Z" };

test("what was affected before stays where nothing new is said of the package in that release", () => {
  const before = [open(jammy, "a"), open(focal, "a"), open(jammy, "b"), open(focal, "b"), {}];
  const statement = {
    vulnerability: { name: "CVE-2024-1000" },
    products: [],
    status: "not_affected",
    author: "Canonical Ltd.",
  } as const;
  const statements = [{ kind: "statement", ecosystem: jammy, name: "b", statement }] as const;
  const renewed = { ...advisory, affected: [open(jammy, "a")] };
  expect(keepPackages(renewed, { before, statements })).toEqual({
    ...advisory,
    affected: [open(jammy, "a"), open(focal, "a"), open(focal, "b")],
  });
  expect(keepPackages(advisory, { before: [open(jammy, "b")], statements })).toEqual(advisory);
});

test("each part keeps what it had itself, also after a part that was forgotten", () => {
  const path = join(temporaryFolder(), "a.db");
  const write = (modified: string, names: readonly string[], isUnread: boolean): void => {
    using writer = new AdvisoryDatabaseWriter(path);
    const unreadableFrom = writer.openPrevious()?.path;
    for (const part of ["one", "forgotten", "two"]) {
      const options = { feed: "f", revision: 1, name: part, updatedAt: "2024-01-01T00:00:00Z" };
      writer.startPart({ ...options, ...(unreadableFrom !== undefined && { unreadableFrom }) });
      const id = `UBUNTU-CVE-2024-1000-${part}`;
      const known = { id, modified, affected: names.map((name) => open(jammy, `${part}-${name}`)) };
      if (isUnread) writer.add({ kind: "unreadable", id, standIn: known, statements: [] });
      else writer.add({ kind: "advisory", advisory: known });
      if (part === "forgotten") writer.abandonPart();
      else writer.endPart({});
    }
    writer.finish({ builtAt: modified, source: "test" });
  };
  const names = ["one-a", "one-b", "one-c", "two-a", "two-b", "two-c"];
  const found = (): string[] => {
    const index = openAdvisoryDatabase(path);
    const present = names.filter((name) => index.find("Ubuntu", name).length > 0);
    index.close();
    return present;
  };
  write("2024-01-01T00:00:00Z", ["a", "b"], false);
  expect(found()).toEqual(["one-a", "one-b", "two-a", "two-b"]);
  write("2024-02-01T00:00:00Z", ["b", "c"], true);
  expect(found()).toEqual(names);
  write("2024-03-01T00:00:00Z", ["c"], true);
  expect(found()).toEqual(names);
  write("2024-03-01T00:00:00Z", ["c"], false);
  expect(found()).toEqual(["one-c", "two-c"]);
});

test("of what stands in for another stand-in nothing that was affected is lost, in a part of changes either", () => {
  const path = join(temporaryFolder(), "a.db");
  const id = "DEBIAN-CVE-2024-1000";
  const names = ["a", "b", "c"];
  const write = (readable: readonly string[], taking: "unreadableFrom" | "changesOf"): string[] => {
    using writer = new AdvisoryDatabaseWriter(path);
    const previous = writer.openPrevious()?.path;
    const options = { feed: "f", revision: 1, name: "one", updatedAt: "2024-01-01T00:00:00Z" };
    writer.startPart({ ...options, ...(previous !== undefined && { [taking]: previous }) });
    const affected = readable.map((name) => open("Debian:12", name));
    writer.add({ kind: "unreadable", id, standIn: { id, modified: "2024-01-01T00:00:00Z", affected } });
    writer.endPart({});
    writer.finish({ builtAt: "2024-01-01T00:00:00Z", source: "test" });
    const index = openAdvisoryDatabase(path);
    const present = names.filter((name) => index.find("Debian", name).length > 0);
    index.close();
    return present;
  };
  expect(write(["a", "b"], "unreadableFrom")).toEqual(["a", "b"]);
  expect(write(["b", "c"], "unreadableFrom")).toEqual(names);
  expect(write(["b"], "changesOf")).toEqual(names);
  expect(write(["b"], "unreadableFrom")).toEqual(names);
});
