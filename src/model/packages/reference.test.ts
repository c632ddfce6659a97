import fc from "fast-check";
import { expect, test } from "vitest";
import {
  holdsUserInfo,
  isLocalRegistry,
  isRegistry,
  parseReference,
  referenceText,
  registryHost,
} from "./reference.ts";

const sha256 = `sha256:${"0123456789abcdef".repeat(4)}`;
const sha512 = `sha512:${"0123456789abcdef".repeat(8)}`;

test("a short name is of Docker Hub, and that no tag was given can be seen", () => {
  expect(parseReference("nginx")).toEqual({ registry: "docker.io", repository: "library/nginx" });
  expect(parseReference("bitnami/redis:7")).toEqual({ registry: "docker.io", repository: "bitnami/redis", tag: "7" });
});

test("all names of Docker Hub are one registry", () => {
  for (const name of ["docker.io", "index.docker.io", "registry-1.docker.io"]) {
    expect(parseReference(`${name}/nginx`)).toEqual({ registry: "docker.io", repository: "library/nginx" });
  }
  expect(registryHost("docker.io")).toBe("registry-1.docker.io");
  expect(registryHost("ghcr.io")).toBe("ghcr.io");
});

test("a tag and a digest may stand together", () => {
  expect(parseReference(`quay.io/a/b:1@${sha256}`)).toEqual({
    registry: "quay.io",
    repository: "a/b",
    tag: "1",
    digest: sha256,
  });
  expect(parseReference(`a@${sha512}`)?.digest).toBe(sha512);
});

test.each([
  "",
  "/",
  "a/",
  "/a",
  "a//b",
  "a:",
  "a@",
  "a b",
  " a",
  "a\n",
  "A",
  "docker.io/Upper/x",
  "a:t@sha256:12",
  `a@${sha256.toUpperCase()}`,
  `a@sha1:${"a".repeat(40)}`,
  `a@${sha256}@${sha256}`,
  "a".repeat(257),
  `a:${"t".repeat(129)}`,
  "host:99999/a",
  "host:/a",
  "[::1/a",
  "[fe80::1%eth0]:5000/a",
  "https://ghcr.io/a",
  "0123456789abcdef".repeat(4),
  "a..b",
  "a___b",
  "-a/b",
])("%j is not a reference", (text) => {
  expect(parseReference(text)).toBeUndefined();
});

test("a first part with a capital letter is a host, as in Docker", () => {
  expect(parseReference("Team/app")).toEqual({ registry: "Team", repository: "app" });
});

test("what was read is written so that it is read the same, short or in full", () => {
  const component = fc.stringMatching(/^[a-z0-9]{1,4}(?:(?:\.|__?|-{1,3})[a-z0-9]{1,3}){0,2}$/);
  const registry = fc.constantFrom(
    "docker.io",
    "localhost",
    "localhost:5000",
    "ghcr.io",
    "[::1]:5000",
    "10.0.0.1",
    "Reg",
  );
  const arbitrary = fc.record(
    {
      registry,
      path: fc.array(fc.oneof(component, fc.constantFrom("library", "localhost", "a.b")), {
        minLength: 1,
        maxLength: 4,
      }),
      tag: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,9}$/),
      digest: fc.constantFrom(sha256, sha512),
    },
    { requiredKeys: ["registry", "path"] },
  );
  fc.assert(
    fc.property(arbitrary, ({ registry, path, tag, digest }) => {
      const text = `${registry}/${path.join("/")}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
      const reference = parseReference(text);
      if (!reference) throw new Error(text);
      expect(parseReference(referenceText(reference))).toEqual(reference);
      expect(parseReference(referenceText(reference, { familiar: true }))).toEqual(reference);
    }),
  );
});

test("the familiar text keeps docker.io where the name would mean another registry without it", () => {
  const text = (name: string) => {
    const reference = parseReference(name);
    return reference && referenceText(reference, { familiar: true });
  };
  expect(text("docker.io/library/nginx:1")).toBe("nginx:1");
  expect(text("docker.io/team/app")).toBe("team/app");
  expect(text("docker.io/library/a/b")).toBe("library/a/b");
  expect(text("docker.io/a.b/c")).toBe("docker.io/a.b/c");
  expect(text("ghcr.io/library/x")).toBe("ghcr.io/library/x");
});

test("hosts have names, addresses and ports, and nothing else", () => {
  for (const good of ["a", "a-b.c", "1.2.3.4:80", "[::1]", "[2001:db8::1]:443", "xn--n3h.com:1"])
    expect(isRegistry(good), good).toBe(true);
  for (const bad of ["", "a b", "a_b", "a/", "u@h", "a:0x1", "[::1", "::1", "a:123456", "[1:2]"])
    expect(isRegistry(bad), bad).toBe(false);
});

test("only this machine is local", () => {
  for (const local of [
    "localhost",
    "LOCALHOST:1",
    "a.localhost",
    "127.9.9.9:5000",
    "[::1]:5000",
    "[0:0:0:0:0:0:0:1]",
  ]) {
    expect(isLocalRegistry(local), local).toBe(true);
  }
  for (const other of [
    "10.0.0.1",
    "192.168.0.1:5000",
    "127.0.0.1.evil.com",
    "localhost.evil.com",
    "[::2]",
    "127.0.0.999",
  ]) {
    expect(isLocalRegistry(other), other).toBe(false);
  }
});

test.each([
  ["https://alice:wonder@registry.test/app", true],
  ["alice:wonder@registry.test", true],
  ["docker.io=alice:a/b@c@registry.test", true],
  [`alice:wonder@registry.test/app@sha256:${"0".repeat(64)}`, true],
  [`registry.test:5000/app:v1@sha256:${"0".repeat(64)}`, false],
  ["node_modules/@scope/name", false],
  [`registry.test:5000/app:v1@SHA256:${"0A".repeat(32)}`, false],
  ["/alice:wonder@registry.test/app", true],
  ["./alice:wonder@registry.test/app", true],
  ["//alice:wonder@registry.test/app", true],
  ["https:/alice:wonder@registry.test/app", true],
  ["alice@corp.test:wonder@registry.test/app", true],
  ["alice:5000/wonder@registry.test/app", true],
  ["nginx:1.27@latest", true],
  ["alice@registry.test", false],
  ["registry.test:5000/app:v1", false],
])("%s may hold a user and a password: %s", (text, expected) => {
  expect(holdsUserInfo(text)).toBe(expected);
  if (expected) expect(parseReference(text)).toBeUndefined();
});

test("long hostile texts are refused", () => {
  for (const text of ["a-".repeat(1e6), "a/".repeat(500), `${"a.".repeat(400)}_`, `x:${"a".repeat(1e6)}`]) {
    expect(parseReference(text)).toBeUndefined();
  }
});
