import { expect, test } from "vitest";
import { fakeRegistry, sendJson } from "./setup/fake-registry.ts";
import { basic, collect, listOf, reference, testClient } from "./setup/registry-client.ts";

/** One of each kind that no registry of the internet is at. */
const addresses = ["192.0.2.7", "198.51.100.7", "[2001:db8::7]", "[100::7]", "[5f00::7]", "[64:ff9b::203.0.113.7]"];

test.each(addresses)("a registry leads nobody to %s, by a challenge or a redirect", async (address) => {
  const registry = await fakeRegistry();
  registry.intercept = ({ path }, response) => {
    if (path === "/v2/") return false;
    if (path.includes("/tags/")) {
      const challenge = `Bearer realm="https://${address}/token",service="x"`;
      return sendJson(response, 401, {}, { "www-authenticate": challenge });
    }
    response.writeHead(307, { location: `https://${address}/blob` }).end();
    return true;
  };
  const client = testClient({ credentials: { [registry.host]: basic("alice", "wonder") }, limits: { attempts: 1 } });
  const place = reference(`${registry.host}/group/app`);
  const message = expect.stringContaining("which is not on the public internet") as string;
  const hint = expect.stringContaining("--registry-trust") as string;
  await expect(listOf(client.tags(place))).rejects.toMatchObject({ code: "registry-refused", message, hint });
  const blob = client.blob(place, { digest: `sha256:${"0".repeat(64)}`, size: 7 });
  await expect(collect(blob)).rejects.toMatchObject({ code: "registry-unreachable", message, hint });
});
