import { describe, expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { FoundPackage } from "../../../model/packages/package.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import { dpkg } from "./dpkg.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

const status = `Package: libc6
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: glibc
Version: 2.36-9+deb12u1
Description: GNU C Library: Shared libraries
 Version: not a field
 .
 Contains the standard libraries.

Package: libgcc1
Status: install ok installed
Architecture: amd64
Source: gcc-5 (5.1.1-12)
Version: 1:5.1.1-12

Package: removed
Status: deinstall ok config-files
Architecture: amd64
Version: 1.0-1
Config-Version: 1.0-1

Package: bash
Status: install ok installed
Architecture: i386
Version: 5.2-1

`;

describeExtractor(dpkg, [
  {
    path: "var/lib/dpkg/status",
    bytes: bytes(status),
    expected: [
      {
        kind: "package",
        package: {
          type: "deb",
          name: "libc6",
          version: "2.36-9+deb12u1",
          architecture: "amd64",
          source: { name: "glibc", version: "2.36-9+deb12u1" },
        },
      },
      {
        kind: "package",
        package: {
          type: "deb",
          name: "libgcc1",
          version: "1:5.1.1-12",
          architecture: "amd64",
          source: { name: "gcc-5", version: "5.1.1-12" },
        },
      },
      {
        kind: "package",
        package: {
          type: "deb",
          name: "bash",
          version: "5.2-1",
          architecture: "i386",
          source: { name: "bash", version: "5.2-1" },
        },
      },
    ],
  },
  {
    path: "var/lib/dpkg/status.d/base-files",
    bytes: bytes("Package: base-files\nVersion: 12.4\n"),
    expected: [
      {
        kind: "package",
        package: {
          type: "deb",
          name: "base-files",
          version: "12.4",
          source: { name: "base-files", version: "12.4" },
        },
      },
    ],
  },
]);

function read(text: string, path = "var/lib/dpkg/status"): { packages: FoundPackage[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  const packages: FoundPackage[] = [];
  for (const one of dpkg.extract(memoryFile(path, bytes(text)), context)) {
    if (one.kind === "package") packages.push(one.package);
  }
  return { packages, problems };
}

describe("the status database of dpkg", () => {
  test.each([
    ["install ok installed", true],
    ["hold ok installed", true],
    ["deinstall reinstreq installed", true],
    ["install ok triggers-pending", true],
    ["install ok triggers-awaited", true],
    ["install ok half-configured", true],
    ["install ok unpacked", true],
    ["install reinstreq half-installed", true],
    ["install ok half-installed", true],
    ["deinstall ok config-files", false],
    ["purge ok not-installed", false],
  ])("with the status %s says installed: %s", (words, installed) => {
    const { packages, problems } = read(`Package: a\nStatus: ${words}\nVersion: 1\n`);
    expect(packages.length).toBe(installed ? 1 : 0);
    expect(problems).toEqual([]);
  });

  test.each([
    ["a record without a name", "Status: install ok installed\nVersion: 1\n"],
    ["a record without a version", "Package: a\nStatus: install ok installed\n"],
    ["a record without a status", "Package: a\nVersion: 1\n"],
    ["a record of an unpacked package without a version", "Package: a\nStatus: install ok unpacked\n"],
    ["an unknown state", "Package: a\nStatus: install ok instaled\nVersion: 1\n"],
    ["something else", "<html>\n"],
  ])("gives a problem for %s and reads on", (_, text) => {
    const { packages, problems } = read(`${text}\nPackage: b\nStatus: install ok installed\nVersion: 2\n`);
    expect(packages.map(({ name }) => name)).toEqual(["b"]);
    expect(problems.map(({ code }) => code)).toEqual(["unreadable"]);
  });

  test("may have a package without a version whose first unpacking broke off", () => {
    expect(read("Package: a\nStatus: install reinstreq half-installed\n")).toEqual({ packages: [], problems: [] });
  });

  test("may be empty", () => expect(read("")).toEqual({ packages: [], problems: [] }));

  test("may have carriage returns, upper-case names and no last newline", () => {
    const { packages, problems } = read("PACKAGE: a\r\nStatus: install ok installed\r\nversion: 1\r\n\r\nPackage: b");
    expect(packages).toEqual([{ type: "deb", name: "a", version: "1", source: { name: "a", version: "1" } }]);
    expect(problems).toEqual([]);
  });

  test.each(["", " \n", "\t\n"])("may have records with %o in place of an empty line between them", (between) => {
    const record = (name: string): string => `Package: ${name}\nStatus: install ok installed\nVersion: 1\n Text.\n`;
    const { packages, problems } = read(["a", "b", "c"].map(record).join(between));
    expect(packages.map(({ name }) => name)).toEqual(["a", "b", "c"]);
    expect(problems).toEqual([]);
    const single = read("Package: a\nVersion: 1\npackage: b\nVersion: 2\n", "var/lib/dpkg/status.d/x");
    expect(single.packages.map(({ name, version }) => `${name} ${version}`)).toEqual(["a 1", "b 2"]);
  });

  test("gives a problem for a record that states a field twice", () => {
    const { packages, problems } = read("Package: a\nStatus: install ok installed\nVersion: 1\nVersion: 2\n");
    expect(packages.map(({ version }) => version)).toEqual(["1"]);
    const message = "a record of var/lib/dpkg/status could not be read because line 4 repeats a field of its record";
    expect(problems).toEqual([{ code: "unreadable", message, path: "var/lib/dpkg/status" }]);
  });

  test("in single files tells the records from their companions", () => {
    expect(read("Package: a\nVersion: 1\n", "var/lib/dpkg/status.d/python3.11-minimal").packages.length).toBe(1);
    for (const suffix of ["md5sums", "list", "preinst", "conffiles"]) {
      expect(read("#!/bin/sh\n", `var/lib/dpkg/status.d/a.${suffix}`)).toEqual({ packages: [], problems: [] });
    }
    expect(read("Package: a\n", "var/lib/dpkg/status.d/a").problems.length).toBe(1);
  });

  test("with millions of lines without a colon gives one problem", () => {
    expect(read("a\n".repeat(2_000_000)).problems.length).toBe(1);
  });
});
