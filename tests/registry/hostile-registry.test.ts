import { expect, test } from "vitest";
import { PlimsollError } from "../../src/model/error.ts";
import { blobOf } from "../../src/registry/content/blob-source.ts";
import { openRemoteImage } from "../../src/registry/content/open-remote-image.ts";
import { fakeRegistry, pseudoRandom } from "./setup/fake-registry.ts";
import { basic, collect, listOf, reference, testClient } from "./setup/registry-client.ts";

const digest = `sha256:${"1".repeat(64)}`;
const statuses = [
  200, 200, 200, 201, 202, 204, 206, 206, 301, 302, 304, 307, 400, 401, 401, 403, 404, 405, 416, 418, 429, 500,
];
const headers: Readonly<Record<string, readonly string[]>> = {
  "www-authenticate": [
    "Bearer",
    'Bearer realm="',
    'Basic realm="x"',
    'Bearer realm="http://HOST/token"',
    'Bearer realm=",,,=',
    '"',
    "=".repeat(5_000),
  ],
  link: ["<", '<>; rel="next"', '<?last=z>; rel="next"', "<//169.254.169.254/>; rel=next", `${"<a>;".repeat(3_000)}`],
  location: [
    "",
    "//",
    "http://",
    "/v2/team/app/blobs/uploads/1",
    "http://user:word@HOST/",
    "file:///etc/passwd",
    "http://10.0.0.1/",
  ],
  "content-range": ["bytes 0-1/2", "bytes */9", "bytes 99999999999999999999-1/1", "x"],
  "retry-after": ["0", "-1", "soon", "Thu, 01 Jan 1970 00:00:00 GMT"],
  "docker-content-digest": [digest, "sha256:", "md5:x", "sha512:1"],
  "content-type": [
    "application/vnd.oci.image.index.v1+json",
    "text/html",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
    "",
  ],
  "oci-chunk-min-length": ["-1", "NaN", "1e400", "9"],
  range: ["0-", "0-99999999999999999999", "5-1"],
  "ratelimit-limit": ["x", "9;w=", "1;w=1"],
  "ratelimit-remaining": ["0", "-5"],
  "content-encoding": ["gzip", "x"],
};
const bodies = [
  "",
  "null",
  "[]",
  "{",
  "{}",
  '{"token":"t"}',
  '{"tags":{}}',
  '{"tags":[null,1,"ok","no good"]}',
  '{"repositories":["a","A","../b"]}',
  '{"manifests":[null,{},{"digest":"x"}]}',
  `{"manifests":[{"digest":"${digest}","size":-1}]}`,
  `{"manifests":[{"digest":"${digest}","size":1}]}`,
  '{"config":{},"layers":[{}]}',
  `{"config":{"digest":"${digest}","size":1e300},"layers":[]}`,
  `{"config":{"digest":"${digest}","size":2},"layers":[[]]}`,
  '{"schemaVersion":1}',
  "[".repeat(50_000),
  '{"errors":[null,{"code":{}},{"message":"\\u0000\\u001b[2J"}]}',
  "<html>",
  "\u0000\uffff",
];

test("whatever a registry answers, the client ends with a result or an error of its own", async () => {
  const random = pseudoRandom(4711);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const registry = await fakeRegistry();
  registry.intercept = ({ method }, response) => {
    const chosen = Object.entries(headers).filter(() => random() < 0.3);
    response.writeHead(
      pick(statuses),
      Object.fromEntries(chosen.map(([name, values]) => [name, pick(values).replace("HOST", registry.host)])),
    );
    response.end(method === "HEAD" ? undefined : pick(bodies));
    return true;
  };
  const named = reference(`${registry.host}/team/app:v1`);
  const byDigest = { ...named, digest };
  const blob = blobOf(Buffer.from("blob"));
  const codes = new Map<string, number>();
  for (let round = 0; round < 60; round++) {
    const credentials = round % 2 === 0 ? {} : { credentials: { [registry.host]: basic("alice", "wonder") } };
    const client = testClient({ ...credentials, limits: { attempts: 2, idleTimeout: 1_000, longestWait: 0 } });
    const calls: readonly (() => Promise<unknown>)[] = [
      () => client.manifest(named),
      () => client.manifest(byDigest),
      () => client.head(named),
      () => collect(client.blob(named, { digest, size: 9 })),
      () => collect(client.blob(named, { digest, size: 9 }, { from: 2, to: 5 })),
      () => client.blobBytes(named, { digest }, 1_000),
      () => listOf(client.tags(named)),
      () => listOf(client.catalog(registry.host)),
      () => listOf(client.referrers(named, digest)),
      () => client.pushBlob(named, blob, { mountFrom: "other/app" }),
      () => client.pushBlob(named, blob, { chunkSize: 2 }),
      () =>
        client.pushArtifact(named, { artifactType: "a/b", layers: [], subject: { mediaType: "x/y", digest, size: 1 } }),
      () => openRemoteImage(client, named, { platform: "linux/amd64", orAny: true }),
    ];
    for (const [index, call] of calls.entries()) {
      const failure = await call().then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure !== undefined && !(failure instanceof PlimsollError))
        throw new Error(`call ${index} of round ${round}`, { cause: failure });
      const code = failure?.code ?? "result";
      if (failure) expect(failure.message).not.toMatch(/\p{Cc}/u);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
  }
  expect(codes.size).toBeGreaterThan(5);
});
