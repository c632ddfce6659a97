import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { installedDebPackage } from "./dpkg-package.ts";
import { openHostRoot } from "./host-root.ts";

const status = `Package: runc-doc
Status: install ok installed
Architecture: all
Version: 9

Package: runc
Status: install ok installed
Architecture: amd64
Version: 1.1.5+ds1-1+deb12u1
Description: runtime
 Version: 3

Package: docker.io
Status: install ok installed
Architecture: amd64
Source: docker.io (20.10.24+dfsg1-1+deb12u1)
Version: 20.10.24+dfsg1-1+deb12u1+b6

Package: containerd
Status: deinstall ok config-files
Architecture: amd64
Version: 1.6.20~ds1-1+deb12u3
`;

test("an installed package is found with its version and source; one that was removed is not", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "var/lib/dpkg"), { recursive: true });
  writeFileSync(join(folder, "var/lib/dpkg/status"), status);
  const root = openHostRoot(folder);
  expect(await installedDebPackage(root, "runc")).toEqual({
    type: "deb",
    name: "runc",
    version: "1.1.5+ds1-1+deb12u1",
    architecture: "amd64",
  });
  expect(await installedDebPackage(root, "docker.io")).toMatchObject({
    version: "20.10.24+dfsg1-1+deb12u1+b6",
    source: { name: "docker.io", version: "20.10.24+dfsg1-1+deb12u1" },
  });
  expect(await installedDebPackage(root, "containerd")).toBeUndefined();
  expect(await installedDebPackage(root, "podman")).toBeUndefined();
  expect(await installedDebPackage(openHostRoot(join(folder, "var")), "runc")).toBeUndefined();
});
