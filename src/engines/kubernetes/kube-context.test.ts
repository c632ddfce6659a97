import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { ClusterAccess, ClusterUser } from "./cluster-access.ts";
import { readKubeContext } from "./kube-context.ts";
import { readKubeConfig } from "./read-kube-config.ts";

const folder = temporaryFolder();

/** What a kubeconfig says of its context, with these lines of YAML for its user and its cluster. */
async function read({ user = "{}", cluster = "", users = "" }): Promise<ClusterAccess> {
  const path = join(folder, "config");
  writeFileSync(
    path,
    `current-context: dev
contexts: [{ name: dev, context: { cluster: dev, user: me } }]
clusters:
- name: dev
  cluster:
    server: https://k8s.example.org
    ${cluster}
users:
${users}
- name: me
  user: ${user}
`,
  );
  const config = await readKubeConfig({ paths: [path], required: true });
  if (!config) throw new Error("no kubeconfig");
  return readKubeContext(config, undefined);
}

async function userOf(user: string): Promise<ClusterUser> {
  return (await read({ user })).user;
}

const exec = "exec: { apiVersion: client.authentication.k8s.io/v1, command: get-token }";
const certificate = "client-certificate-data: Y2VydA==, client-key-data: a2V5";

test("a plug-in is passed over where there is a token, a user name or a client's certificate", async () => {
  expect(await userOf(`{ ${exec} }`)).toHaveProperty("exec");
  for (const other of ["token: abc", "username: someone", certificate]) {
    expect(await userOf(`{ ${other}, ${exec} }`)).not.toHaveProperty("exec");
  }
});

test("whoever asks to act as somebody else does so with all that the kubeconfig says of them", async () => {
  const user = `{ as: jane, as-uid: "7", as-groups: [dev, ops], as-user-extra: { scopes: [a, b], "Acme.org/50%é": [c] } }`;
  expect((await userOf(user)).impersonation).toEqual({
    "impersonate-user": "jane",
    "impersonate-uid": "7",
    "impersonate-group": ["dev", "ops"],
    "impersonate-extra-scopes": ["a", "b"],
    "impersonate-extra-Acme.org%2F50%25%C3%A9": ["c"],
  });
  expect(await userOf("{ token: abc, as-groups: [], as-user-extra: {} }")).not.toHaveProperty("impersonation");
});

test.each(["as-groups: [viewers]", 'as-uid: "7"', "as-user-extra: { scopes: [a] }"])(
  "%s without a user to act as is refused",
  async (line) => {
    await expect(userOf(`{ token: abc, ${line} }`)).rejects.toMatchObject({
      code: "file-malformed",
      message: expect.stringContaining("a user has as-uid, as-groups or as-user-extra without as"),
    });
  },
);

test("a name beyond ASCII is sent in UTF-8, as Go does", async () => {
  const sent = (await userOf('{ as: Jörg, as-uid: "Ж", as-groups: [ö], as-user-extra: { a: [é] } }')).impersonation;
  const read = (text: unknown): string => Buffer.from(String(text), "latin1").toString("utf8");
  expect(Object.values(sent ?? {}).map(read)).toEqual(["Jörg", "Ж", "ö", "é"]);
});

test.each([
  ["as: 1000", "its as is not a string"],
  ["as: jane, as-uid: 7", "its as-uid is not a string"],
  ["as: jane, as-groups: admins", "its as-groups is not a list of strings"],
  ["as: jane, as-groups: [7]", "its as-groups is not a list of strings"],
  ["as: jane, as-user-extra: [a]", "its as-user-extra is not a map"],
  ["as: jane, as-user-extra: { scopes: view }", "its scopes is not a list of strings"],
  ['as: "jane\\n"', "its as has a character that is not allowed in a header"],
])("%s is refused, so that nobody is asked for who is not meant", async (line, why) => {
  await expect(userOf(`{ token: abc, ${line} }`)).rejects.toMatchObject({
    code: "file-malformed",
    message: expect.stringContaining(why),
  });
});

test.each([
  ["true", false],
  ["yes", false],
  ["On", false],
  ["false", true],
  ["no", true],
  ["OFF", true],
  ["null", true],
])("insecure-skip-tls-verify: %s is understood as YAML 1.1 has it", async (word, verify) => {
  expect((await read({ cluster: `insecure-skip-tls-verify: ${word}` })).tls.verify).toBe(verify);
});

test.each(["perhaps", "1", "[true]"])("insecure-skip-tls-verify: %s is refused", async (word) => {
  await expect(read({ cluster: `insecure-skip-tls-verify: ${word}` })).rejects.toMatchObject({
    code: "file-malformed",
    message: expect.stringContaining("insecure-skip-tls-verify is neither true nor false"),
  });
});

test("a user may be another one with changes, by a merge key", async () => {
  const users = "- name: other\n  user: &other { token: abc, as: jane }";
  expect((await read({ users, user: "{ <<: *other, as: joe }" })).user).toEqual({
    token: "abc",
    impersonation: { "impersonate-user": "joe" },
  });
});
