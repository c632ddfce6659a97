import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { tar } from "../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { recogniseTarget } from "./recognise-target.ts";
import { parseTarget, refuseForeignScheme, targetKinds } from "./target.ts";

const folder = temporaryFolder();
const archive = join(folder, "image.tar");
const odd = join(folder, "odd:name.tar");
writeFileSync(archive, "");
writeFileSync(odd, "");
mkdirSync(join(folder, "layout"));

describe("a target", () => {
  test.each([
    ["alpine:3.20", { name: "alpine:3.20" }],
    ["registry.example:5000/a/b@sha256:00", { name: "registry.example:5000/a/b@sha256:00" }],
    ["docker:alpine:3.20", { kind: "docker", name: "alpine:3.20" }],
    ["podman:a/b:1", { kind: "podman", name: "a/b:1" }],
    ["containers-storage:[/srv/x]a:1", { kind: "containers-storage", name: "[/srv/x]a:1" }],
    ["registry:example.org/a:1", { kind: "registry", name: "example.org/a:1" }],
    ["containerd:docker.io/library/a:1", { kind: "containerd", name: "docker.io/library/a:1" }],
    ["docker://example.org/a:1", { kind: "registry", name: "example.org/a:1" }],
    ["docker-daemon:a:1", { kind: "docker", name: "a:1" }],
    [`oci:${folder}/layout:latest`, { kind: "oci-dir", name: `${folder}/layout`, reference: "latest" }],
    ["image:1", { name: "image:1" }],
    [archive, { name: archive }],
    [`${archive}:app:1.0`, { name: archive, reference: "app:1.0" }],
    [`docker-archive:${archive}`, { kind: "docker-archive", name: archive }],
    [`docker-archive:${archive}:app:1.0`, { kind: "docker-archive", name: archive, reference: "app:1.0" }],
    [`oci-dir:${folder}/layout:latest`, { kind: "oci-dir", name: `${folder}/layout`, reference: "latest" }],
    [`oci-archive:${odd}`, { kind: "oci-archive", name: odd }],
    [`oci-archive:${odd}:v1`, { kind: "oci-archive", name: odd, reference: "v1" }],
    [`oci-archive:${folder}/absent.tar:v1`, { kind: "oci-archive", name: `${folder}/absent.tar:v1` }],
    [`dir:${folder}`, { kind: "dir", name: folder }],
    ["dir:a:b", { kind: "dir", name: "a:b" }],
    ["file:a:b", { kind: "file", name: "a:b" }],
    ["sbom:a:b", { kind: "sbom", name: "a:b" }],
    [`${archive}:`, { name: `${archive}:` }],
  ])("%s is taken apart", (text, expected) => {
    expect(parseTarget(text)).toEqual(expected);
  });

  test.each([
    "",
    "docker:",
    "dir:",
    "file:",
    "sbom:",
    "a\0b",
    "https://ada:secret@example.org/a:1",
    "registry:http://example.org/a",
    "docker://",
    "-",
    "docker-archive:-",
  ])("%j is an error of use", (text) => {
    expect(() => parseTarget(text)).toThrow(expect.objectContaining({ code: "usage" }));
  });

  test.each(["podman://a", "docker-daemon://a", "oci-registry://a", "file:///srv/a.tar"])(
    "%j is an error that names the schemes there are",
    (text) => {
      const hint = `The schemes are ${targetKinds.map((kind) => `${kind}:`).join(", ")}.`;
      expect(() => parseTarget(text)).toThrow(expect.objectContaining({ code: "usage", hint }));
    },
  );

  test("NAME:TAG is the name of an image beside any file or folder NAME but an archive and an OCI layout", () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      writeFileSync("document", '{"bomFormat": "CycloneDX", "specVersion": "1.6"}');
      writeFileSync("empty", "");
      mkdirSync("app");
      writeFileSync("app/Dockerfile", "FROM scratch");
      mkdirSync("team/tool", { recursive: true });
      for (const name of ["document", "empty", "app", "team/tool"]) {
        expect(parseTarget(`${name}:1.27`)).toEqual({ name: `${name}:1.27` });
        expect(parseTarget(`./${name}:1.27`)).toEqual({ name: `./${name}`, reference: "1.27" });
      }
      writeFileSync("plain", tar([{ name: "manifest.json", content: "[]" }]));
      writeFileSync("packed", gzipSync(tar([{ name: "manifest.json", content: "[]" }])));
      mkdirSync("built/blobs", { recursive: true });
      writeFileSync("built/index.json", "{}");
      writeFileSync("old", tar([{ name: "manifest.json", content: "[]", format: "v7" }]));
      writeFileSync("none", Buffer.alloc(1024));
      for (const name of ["plain", "packed", "built", "old", "none"]) {
        expect(parseTarget(`${name}:1.27`)).toEqual({ name, reference: "1.27" });
        if (name !== "built") expect(recogniseTarget(name)).toBe("archive");
      }
      writeFileSync("blocks", "x".repeat(1024));
      expect(parseTarget("blocks:1.27")).toEqual({ name: "blocks:1.27" });
      expect(recogniseTarget("blocks")).toBe("file");
    } finally {
      process.chdir(before);
    }
  });

  test("in the form of another program is refused where no image has that name", () => {
    for (const name of ["crio:a", "image:a", "sif:a.sif"]) {
      expect(() => refuseForeignScheme(name)).toThrow(
        expect.objectContaining({ code: "usage", hint: expect.stringContaining("docker:, podman:") }),
      );
    }
    for (const name of ["nginx:1", "crio", "registry.example:5000/a"]) refuseForeignScheme(name);
  });
});

test.each([
  "nginx:1.27@latest",
  "myapp:1.0@prod",
  "alice:wonder@registry.test/app",
  "//alice:wonder@registry.test/app",
])("%s may be meant in two ways, and both are answered without repeating it", (text) => {
  expect(() => parseTarget(text)).toThrow(
    "no file has that name, and an image name must not contain a user name or password, and only a digest may follow @",
  );
});

test.each(["registry:/alice:wonder@registry.test/app", "docker:./alice:wonder@host", "docker://alice:wonder@host/app"])(
  "%s names no image, and is not repeated",
  (text) => {
    expect(() => parseTarget(text)).toThrow("an image name must not contain a user name or password");
  },
);

test.each([
  `nginx:1.27@SHA256:${"0A".repeat(32)}`,
  "./backup:2026@host/img.tar",
  "../backup:2026@host",
  "/srv/backup:2026@host/img.tar",
])("%s is not a user and password", (text) => {
  expect(parseTarget(text)).toEqual({ name: text });
});
