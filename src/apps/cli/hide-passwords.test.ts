import { expect, test } from "vitest";
import { hidePasswords } from "./hide-passwords.ts";

const digest = `sha256:${"0a".repeat(32)}`;

test.each([
  ["https://ada:marker@host/x is gone", "https://[secret]@host/x is gone"],
  ["HTTPS://ada:marker@host", "HTTPS://[secret]@host"],
  ["https://marker@host", "https://[secret]@host"],
  ["https://ada:p@marker@host/x", "https://[secret]@host/x"],
  ["https://ada:p@ss/marker@host/x", "https://[secret]@host/x"],
  ["https://ada:mar/ker@host", "https://[secret]@host"],
  ["ada:marker@host/name", "[secret]@host/name"],
  ["ada:p@ss/marker@host", "[secret]@host"],
  ['"ada:123@host" is no name', '"[secret]@host" is no name'],
  ["tcp://ada:marker@host:2375", "tcp://[secret]@host:2375"],
  [`ada:marker@host/name@${digest}`, `[secret]@host/name@${digest}`],
  ["ada:marker@host/name@sha256:abc", "[secret]@host/name@sha256:abc"],
  ["ada:marker@registry.test", "[secret]@registry.test"],
  ["ada:marker@10.0.0.1, and more", "[secret]@10.0.0.1, and more"],
  ["ada:marker@10.0.0.1:5000/x", "[secret]@10.0.0.1:5000/x"],
  ["ada:marker@[::1]:5000/x", "[secret]@[::1]:5000/x"],
  ["ada:marker@sha256:5000/x", "[secret]@sha256:5000/x"],
  ["ada:1.2.3@1.2.3/x", "[secret]@1.2.3/x"],
  ["ada:marker@7.example.com", "[secret]@7.example.com"],
  ["registry:ada:marker@host/x", "registry:[secret]@host/x"],
  ["docker-daemon:ada:marker@host", "docker-daemon:[secret]@host"],
  ["dir:ada:marker@host/x", "dir:[secret]@host/x"],
  ["registry:marker@host/x", "registry:[secret]@host/x"],
  ["registry:marker@registry.test", "registry:[secret]@registry.test"],
  ["docker:marker@localhost", "docker:[secret]@localhost"],
  ["docker:marker@host:5000", "docker:[secret]@host:5000"],
  ["github:mar/ker@host.test/x", "github:[secret]@host.test/x"],
  ["npm:marker@registry.test/x", "npm:[secret]@registry.test/x"],
  ["ada:marker@1.2.test", "[secret]@1.2.test"],
  ["registry:mark@er@registry.test", "registry:[secret]@registry.test"],
  ["osv=https://h/x,https://ada:marker@h2", "osv=https://h/x,https://[secret]@h2"],
  ["https://host/path?u=https://a:marker@c", "https://host/path?u=https://[secret]@c"],
  ["http://https://marker@", "http://https://[secret]@"],
])("%j is written without its password", (text, expected) => {
  expect(hidePasswords(text)).toBe(expected);
});

test.each([
  "https://host:5000/path@1 is gone",
  "https://host/a?b=c@d",
  `docker://name:1@${digest} and host:5000/name:1@${digest}`,
  "host:5000/name@latest",
  "write to ada@host, or git@host:a/b.git",
  "unix:///run/a:b@c.sock and /a:b@c",
  "pkg:npm/name@1.0.0",
  "nginx:1.27@sha256:abc",
  '"nginx:1.27@sha256:abc" is no name of an image',
  "nginx:1.27@sha256",
  "nginx:1.27@sha512:xyz@sha256:abc",
  "docker://nginx:1.27@sha256:abc",
  "host.test:5000/name:1.27@sha256:abc",
  "registry:h/x@y",
  "registry:h:5000/x:1@y",
  `registry:h/x:1@${digest}`,
  "docker:nginx@latest",
  "npm:foo@1.0.0",
  "(npm:foo@1.0.0-beta.rc.1), and npm:foo@next:",
  "npm:@scope/name@1.0.0 and npm:@scope/name",
  "golang:github.com/a/b@v1.2.3+incompatible",
  "golang:github.com/a/b@master/sub",
  "maven:org.test:name@2.14.1 and org.test:name@2.14.1-jre8",
  "gem:name@1.0.beta2, pypi:name@1.0rc1",
  "deb:name@1:3.0.11-1~deb12u2",
  "sbom:name@1.0.0.cdx.json",
  "dir:node_modules/@scope/name and dir:name@host.test/x",
  "C:\\a@b",
  'the entry "127.0.0.1:38421", https://host:1/a and note: why',
  "@ and a@",
])("%j stays as it is", (text) => {
  expect(hidePasswords(text)).toBe(text);
});

test("long texts take no time", () => {
  const started = performance.now();
  for (const run of ["@", ":", "/", "://", "https://a:b@", "a "]) hidePasswords(`${run.repeat(200_000)}\n@`);
  expect(performance.now() - started).toBeLessThan(2000);
});
