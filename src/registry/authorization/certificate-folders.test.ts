import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { certificateFolders, certificatesFor, readAuthorities } from "./certificate-folders.ts";

const root = temporaryFolder();
const authority = (path: string): string => `${path}\n-----BEGIN CERTIFICATE-----`;

/** A folder of certificates with these files, each holding its own path, and authorities a certificate too. */
function folderWith(name: string, paths: readonly string[]): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), path.endsWith(".crt") ? authority(path) : path);
  }
  return folder;
}

test("the folders are those of Podman and Docker, the user's first", () => {
  expect(certificateFolders({}, "/home/ada")).toEqual([
    "/home/ada/.config/containers/certs.d",
    "/etc/containers/certs.d",
    "/home/ada/.config/docker/certs.d",
    "/etc/docker/certs.d",
  ]);
  expect(certificateFolders({ XDG_CONFIG_HOME: "/srv/config" }, "/home/ada")[0]).toBe("/srv/config/containers/certs.d");
});

test("authorities and a certificate with its key, by host and port, from the first folder that has some", () => {
  const first = folderWith("first", ["a.test:5000/ca.crt", "a.test:5000/other.crt", "empty.test/readme"]);
  const second = folderWith("second", ["a.test:5000/last.crt", "empty.test/me.cert", "empty.test/me.key"]);
  const folders = [join(root, "absent"), first, second];
  expect(certificatesFor("a.test:5000", folders)).toEqual({
    ca: ["a.test:5000/ca.crt", "a.test:5000/other.crt"].map(authority).join("\n"),
  });
  expect(certificatesFor("empty.test", folders)).toEqual({
    clientCertificate: { certificate: "empty.test/me.cert", key: "empty.test/me.key" },
  });
  expect(certificatesFor("a.test", folders)).toEqual({});
});

test.each([
  ["me.cert", "key"],
  ["me.key", "certificate"],
])("%s alone is an error", (name, lacking) => {
  const folder = folderWith(`lonely-${name}`, [`a.test/${name}`]);
  expect(() => certificatesFor("a.test", [folder])).toThrow(
    expect.objectContaining({
      code: "file-malformed",
      message: `the ${lacking} for ${join(folder, "a.test", name)} is missing`,
    }),
  );
});

test("a file that is not there, too large or no certificate is an error", () => {
  expect(() => readAuthorities(join(root, "absent.pem"))).toThrow(
    expect.objectContaining({ code: "target-not-found" }),
  );
  const large = join(root, "large.pem");
  writeFileSync(large, "x".repeat(1024 * 1024 + 1));
  expect(() => readAuthorities(large)).toThrow(expect.objectContaining({ code: "limit-exceeded" }));
  const key = join(root, "key.pem");
  writeFileSync(key, "-----BEGIN PRIVATE KEY-----\n");
  expect(() => readAuthorities(key)).toThrow(
    expect.objectContaining({ code: "file-malformed", message: `${key} contains no PEM certificate` }),
  );
});
