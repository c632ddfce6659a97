import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { inClusterAccess } from "./in-cluster-access.ts";

const folder = temporaryFolder();
const place = { host: "10.96.0.1", port: "443", folder };

test("outside of a pod there is no cluster", async () => {
  expect(await inClusterAccess(place)).toBeUndefined();
  writeFileSync(join(folder, "token"), "t0ken\n");
  expect(await inClusterAccess({ ...place, host: undefined })).toBeUndefined();
});

test("a pod asks its cluster with its token, and trusts the authority beside it", async () => {
  writeFileSync(join(folder, "token"), "t0ken\n");
  writeFileSync(join(folder, "ca.crt"), "PEM");
  expect(await inClusterAccess(place)).toEqual({
    name: "in-cluster",
    server: new URL("https://10.96.0.1:443"),
    tls: { verify: true, authorities: "PEM" },
    user: { token: "t0ken" },
  });
  writeFileSync(join(folder, "namespace"), "shop\n");
  expect((await inClusterAccess(place))?.namespace).toBe("shop");
  const ipv6 = await inClusterAccess({ ...place, host: "fd00::1", port: "6443" });
  expect(ipv6?.server.href).toBe("https://[fd00::1]:6443/");
});

test("without an authority there, or with an empty one, the system's are meant", async () => {
  writeFileSync(join(folder, "token"), "t0ken");
  writeFileSync(join(folder, "ca.crt"), "");
  expect((await inClusterAccess(place))?.tls).toEqual({ verify: true });
  rmSync(join(folder, "ca.crt"));
  expect((await inClusterAccess(place))?.tls).toEqual({ verify: true });
});
