import { expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { OpenFile } from "../../../model/images/file.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { unpackagedPrograms } from "./programs.ts";

const python = bytesOf("…\0/usr/lib/python3.1\x003.11.2\0%.80s (%.80s) %.80s\0…");

describeExtractor(unpackagedPrograms, [
  { path: "usr/local/bin/node", bytes: bytesOf("…\0node.js/v20.1.0\0…"), expected: [of("node", "20.1.0")] },
  { path: "usr/local/lib/libpython3.11.so.1.0", bytes: python, expected: [of("python", "3.11.2")] },
  {
    path: "usr/local/bin/redis-server",
    bytes: bytesOf("\x006.0.16964eac4733d9-1673428630000000000\0networking.c"),
    expected: [of("redis", "6.0.16")],
  },
  { path: "usr/bin/mysqld", bytes: bytesOf("\x0010.6.12-MariaDB-log\0"), expected: [of("mariadb", "10.6.12")] },
  {
    path: "usr/lib/jvm/bin/java",
    bytes: bytesOf("\0openjdk\0java\x0017.0.15+6\0"),
    expected: [of("openjdk", "17.0.15+6")],
  },
  {
    path: "srv/wp-includes/version.php",
    bytes: bytesOf("<?php\n$wp_version = '6.4.2';\n"),
    expected: [of("wordpress", "6.4.2")],
  },
  { path: "bin/[", bytes: bytesOf("\0BusyBox v1.36.1 (2023-12-04)\0"), expected: [of("busybox", "1.36.1")] },
]);

test("binary/programs lists nothing for a file that only has the name, and for a version of another series", () => {
  expect(programsIn("bin/node", bytesOf("#!/bin/sh\nexec nodejs"))).toEqual([]);
  expect(programsIn("lib/libpython3.10.so.1.0", python)).toEqual([]);
  expect(programsIn("lib/libpython3.1.so.1.0", python)).toEqual([]);
});

test("binary/programs recognises applications by the files in which they keep their versions", () => {
  const drupal = "class Drupal {\n  /** */\n  const VERSION = '10.1.5';\n";
  const moodle = "<?php\n$release  = '4.1.2+ (Build: 20230313)'; // Human-friendly\n$branch = '401';\n";
  expect(programsIn("srv/core/lib/Drupal.php", bytesOf(drupal))).toEqual([of("drupal", "10.1.5")]);
  expect(programsIn("srv/moodle/version.php", bytesOf(moodle))).toEqual([of("moodle", "4.1.2")]);
  const rabbit = '{application,rabbit,\n [{description,"RabbitMQ"},\n  {vsn, "3.12.10"},';
  expect(programsIn("opt/rabbitmq/plugins/rabbit-3.12.10/ebin/rabbit.app", bytesOf(rabbit))).toEqual([
    of("rabbitmq", "3.12.10"),
  ]);
});

test("binary/programs leaves Bitnami's programs to Bitnami's documents", () => {
  expect(programsIn("opt/bitnami/node/bin/node", bytesOf("\0node.js/v20.1.0\0"))).toEqual([]);
});

test("binary/programs finds a text across the pieces in which a program is read", () => {
  const piece = 4 * 1024 * 1024;
  for (const offset of [piece - 20, piece - 10, piece - 1, piece, piece + 1, 2 * piece - 5]) {
    const bytes = new Uint8Array(9 * 1024 * 1024);
    bytes.set(bytesOf("node.js/v20.1.0\0"), offset);
    expect(programsIn("bin/node", bytes)).toEqual([of("node", "20.1.0")]);
  }
});

test("binary/programs ends where a text is repeated without a version", () => {
  const bytes = Buffer.alloc(8 * 1024 * 1024, "OpenSSL ");
  const started = performance.now();
  expect(programsIn("bin/openssl", bytes)).toEqual([]);
  expect(performance.now() - started).toBeLessThan(2_000);
});

test("binary/programs reports a file that is not searched to its end", () => {
  const file: OpenFile = { path: "bin/node", size: 2 ** 31, mode: 0o755, read: () => new Uint8Array(0) };
  const problems: string[] = [];
  const context = {
    signal: new AbortController().signal,
    problem: ({ code }: { code: string }) => void problems.push(code),
  };
  expect([...unpackagedPrograms.extract(file, context)]).toEqual([]);
  expect(problems).toEqual(["limit-exceeded"]);
});

function programsIn(path: string, bytes: Uint8Array): Extraction[] {
  const context = { signal: new AbortController().signal, problem: (): void => undefined };
  return [...unpackagedPrograms.extract(memoryFile(path, bytes), context)];
}

function of(name: string, version: string): Extraction {
  return { kind: "package", package: { type: "generic", name, version } };
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}
