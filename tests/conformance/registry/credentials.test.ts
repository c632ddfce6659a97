import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { challengesOf, parseChallenges } from "../../../src/registry/authorization/challenge.ts";
import { readAuthEntry } from "../../../src/registry/credentials/auth-entry.ts";
import type { Credential } from "../../../src/registry/credentials/credential.ts";
import { helperRunner, type RunHelper } from "../../../src/registry/credentials/credential-helper.ts";
import { type CredentialOptions, openCredentials } from "../../../src/registry/credentials/open-credentials.ts";
import { Secret } from "../../../src/registry/credentials/secret.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../../setup/corpus.ts";
import { temporaryFolder } from "../../setup/temporary-folder.ts";

const auth = ["platform", "registry", "auth"];
const noHelpers: RunHelper = async () => undefined;

describeWithCorpus("challenges", () => {
  interface Header {
    readonly id: string;
    readonly header: string;
    readonly expect: {
      readonly error?: true;
      readonly challenges?: readonly { readonly authType: string; readonly params: Readonly<Record<string, string>> }[];
    };
  }
  const cases = corpusJson<Header[]>(...auth, "challenge-headers.json");

  test("each header is read as regclient reads it, and a damaged one is none", () => {
    for (const { id, header, expect: expected } of cases) {
      const challenges = parseChallenges(header)?.map(({ scheme, parameters }) => {
        return { authType: scheme, params: Object.fromEntries(parameters) };
      });
      expect(challenges, id).toEqual(expected.challenges);
    }
    expect(cases).toHaveLength(19);
  });

  test("headers that stand beside each other are read as one list", () => {
    const good = cases.filter(({ expect: { error } }) => !error);
    const expected = good.flatMap(({ expect: { challenges = [] } }) => challenges.map(({ authType }) => authType));
    const schemes = (headers: readonly string[]) => challengesOf(headers).map(({ scheme }) => scheme);
    expect(schemes(good.map(({ header }) => header))).toEqual(expected);
    expect(schemes([good.map(({ header }) => header).join(", ")])).toEqual(expected);
  });
});

interface Wanted {
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
  readonly registryToken?: string;
}

describeWithCorpus("entries of a Docker configuration", () => {
  test("they are read as go-containerregistry reads them", () => {
    const cases = corpusJson<{ name: string; json: string; error: boolean; want: Wanted | null }[]>(
      ...auth,
      "auth-config-json.json",
    );
    for (const { name, json, error, want } of cases) {
      const entry = readAuthEntry(JSON.parse(json));
      expect("malformed" in entry, name).toBe(error);
      if (want && "credential" in entry) expect(reveal(entry.credential), name).toEqual(strongest(want));
    }
    expect(cases).toHaveLength(7);
  });
});

describeWithCorpus("looking up in a Docker configuration", () => {
  test("the entry of the registry or repository is found as in go-containerregistry", async () => {
    const cases = corpusJson<
      { name: string; target: string; config_json: string; error: boolean; want: Wanted | null }[]
    >(...auth, "docker-config-lookup.json");
    for (const { name, target, config_json, error, want } of cases) {
      const [registry = "", ...path] = target.split("/");
      const source = openCredentials({ dockerAuthConfig: config_json, files: [], runHelper: noHelpers });
      const found = source.find(registry, path.join("/"));
      if (error) await expect(found, name).rejects.toMatchObject({ name: "PlimsollError", code: "file-malformed" });
      else expect(reveal(await found), name).toEqual(want && strongest(want));
    }
    expect(cases).toHaveLength(8);
  });

  test("hosts of the sample are found with what regclient finds", async () => {
    interface Host {
      readonly name: string;
      readonly hostname: string;
      readonly expectUser?: string;
      readonly expectPass?: string;
      readonly expectCredHelper?: string;
      readonly expectCredHost?: string;
      readonly expectMissing?: true;
    }
    const differs: Readonly<Record<string, string>> = {
      testenv: "from DOCKER_AUTH_CONFIG, whose content the corpus does not have",
      testenvhelper: "the same",
      "storehttp.example.com":
        "regclient asks the store for its list of servers; here it is asked for the registry, as Docker does",
      "missing-from-repo.example.com":
        "its key is http://HOST/foo: for regclient that is a repository; here it is the host, as for Docker and Podman",
    };
    const cases = corpusJson<Host[]>(...auth, "docker-config-hosts.json");
    const differing: string[] = [];
    for (const host of cases) if (!(await isFoundAsExpected(host))) differing.push(host.name);
    expect(differing).toEqual(Object.keys(differs));
    expect(cases).toHaveLength(13);

    async function isFoundAsExpected(host: Host): Promise<boolean> {
      const asked: { helper: string; server: string }[] = [];
      const source = sample(async ({ helper, input }) => {
        asked.push({ helper: `docker-credential-${helper}`, server: input.reveal() });
        return { exitCode: 1, output: new Secret("credentials not found in native keychain\n") };
      });
      const registry = host.hostname;
      const found = reveal(await source.find(registry));
      const own = asked.filter(({ helper }) => helper !== "docker-credential-teststore");
      // There, keys become hosts; here, other names of Docker Hub are Docker Hub, and what is no host has nothing.
      if (host.expectMissing)
        return found.username === undefined && (own.length === 0 || registry.includes("docker.io"));
      if (!host.expectCredHelper) return found.username === host.expectUser && found.password === host.expectPass;
      return asked.some(({ helper, server }) => {
        return helper === host.expectCredHelper && server === (host.expectCredHost ?? host.hostname);
      });
    }
  });
});

describeWithCorpus("credential helpers", () => {
  interface Helper {
    readonly name: string;
    readonly host: string;
    readonly credHost?: string;
    readonly expectUser?: string;
    readonly expectPass?: string;
    readonly expectToken?: string;
    readonly expectErr?: true;
  }
  const { cases, protocol } = corpusJson<{
    cases: Helper[];
    protocol: Readonly<Record<"call" | "identity_token" | "not_found" | "trim", string>> & { readonly reply: object };
  }>(...auth, "credential-helper.json");
  const folder = temporaryFolder();

  test("what they answer becomes a credential", async () => {
    for (const one of cases.filter(({ expectErr }) => !expectErr)) {
      const server = one.credHost ?? one.host;
      const answer = {
        ServerURL: server,
        Username: one.expectUser ?? "<token>",
        Secret: one.expectPass ?? one.expectToken,
      };
      const source = sample(async ({ helper, action, input }) => {
        expect([helper, action, input.reveal()]).toEqual([
          one.host.startsWith("testtoken") ? "teststore" : "test",
          "get",
          server,
        ]);
        return { exitCode: 0, output: new Secret(`${JSON.stringify(answer)}\n\0`) };
      });
      expect(reveal(await source.find(one.host)), one.name).toEqual(
        strongest({
          ...(one.expectUser && { username: one.expectUser }),
          ...(one.expectPass && { password: one.expectPass }),
          ...(one.expectToken && { identityToken: one.expectToken }),
        }),
      );
    }
    expect(cases).toHaveLength(5);
  });

  test("one that is not there is an error, and one that has nothing is none", async () => {
    await expect(sample(noHelpers).find("missing.example.org")).rejects.toMatchObject({ code: "target-unreadable" });
    const source = sample(async () => ({ exitCode: 1, output: new Secret("credentials not found\n") }));
    expect(await source.find("testhost.example.com")).toBeUndefined();
  });

  /** What a program that speaks the protocol makes of the host that it is asked for. */
  const spoken = async (host: string, script: string): Promise<{ found: Wanted; said: string }> => {
    const said = join(folder, "said");
    for (const name of ["test", "teststore"]) {
      const program = join(folder, protocol.call.split(" ").at(-2)?.replace("NAME", name) ?? "");
      writeFileSync(program, `#!/bin/sh\n{ echo "$@"; cat; } > '${said}'\n${script}\n`);
      chmodSync(program, 0o755);
    }
    const environment = { PATH: "/usr/bin:/bin" };
    const { signal } = new AbortController();
    const source = sample(helperRunner({ searchPath: `${folder}:/usr/bin:/bin`, environment, signal }));
    return { found: reveal(await source.find(host)), said: readFileSync(said, "utf8") };
  };

  test("a program is run with `get` and reads the host, and what it says is taken without its end", async () => {
    expect(Object.keys(protocol.reply)).toEqual(["ServerURL", "Username", "Secret"]);
    expect(protocol.trim).toBe("trailing NUL and newline");
    for (const end of ["", "\\n", "\\0", "\\n\\0", "\\0\\n"]) {
      const reply = JSON.stringify({ ...protocol.reply, Username: "hello", Secret: "world" });
      const { found, said } = await spoken("testhost.example.com", `printf '${reply}${end}'`);
      expect(found, end).toEqual({ username: "hello", password: "world" });
      expect(said).toBe(`${protocol.call.split(" ").at(-1)}\ntesthost.example.com`);
    }
  });

  test("the user that says so has an identity token, and a program that has nothing is no error", async () => {
    const user = protocol.identity_token.split(" ").at(-1) ?? "";
    const reply = JSON.stringify({ ...protocol.reply, Username: user, Secret: "deadbeefcafe" });
    expect((await spoken("testhost.example.com", `echo '${reply}'`)).found).toEqual({ identityToken: "deadbeefcafe" });
    const [, code = "", words = ""] = /^exit (\d+) and "([^"]+)" on standard output/.exec(protocol.not_found) ?? [];
    expect(words).toBe("credentials not found");
    expect((await spoken("testhost.example.com", `echo '${words}'; exit ${code}`)).found).toEqual({});
    expect(Object.keys(protocol)).toEqual(["call", "reply", "identity_token", "not_found", "trim"]);
  });
});

/** The sample of the corpus as `DOCKER_AUTH_CONFIG`. */
function sample(runHelper: RunHelper): ReturnType<typeof openCredentials> {
  const dockerAuthConfig = corpusBytes(...auth, "docker-config-samples", "config.json").toString("utf8");
  return openCredentials({ dockerAuthConfig, files: [], runHelper } satisfies CredentialOptions);
}

function reveal(credential: Credential | undefined): Wanted {
  switch (credential?.kind) {
    case undefined:
      return {};
    case "basic":
      return { username: credential.username, password: credential.password.reveal() };
    case "identity-token":
      return { identityToken: credential.token.reveal() };
    case "registry-token":
      return { registryToken: credential.token.reveal() };
  }
}

/** Of several the one that Docker uses. */
function strongest({ username, password, identityToken, registryToken }: Wanted): Wanted {
  if (registryToken !== undefined) return { registryToken };
  if (identityToken !== undefined) return { identityToken };
  return username === undefined ? {} : { username, password: password ?? "" };
}
