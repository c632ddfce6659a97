import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { alpineFeed } from "../../../src/advisories/feeds/alpine/alpine-feed.ts";
import { readSecdbIds } from "../../../src/advisories/feeds/secdb/secdb-ids.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { type PackageFact, packageFacts, parseFiles } from "../../setup/package-facts.ts";
import { temporaryFolder } from "../../setup/temporary-folder.ts";

/** A file of the security database. */
interface Secdb {
  readonly distroversion: string;
  /** Null where the file has the key and nothing beside it. */
  readonly packages:
    | readonly {
        readonly pkg: { readonly name: string; readonly secfixes: Readonly<Record<string, readonly string[]>> };
      }[]
    | null;
}

/** A normalised record of vunnel. */
interface Snapshot {
  readonly item: {
    readonly Vulnerability: {
      readonly Name: string;
      readonly NamespaceName: string;
      readonly FixedIn: readonly { readonly Name: string; readonly Version: string }[];
    };
  };
}

/** A package as vuln-list-update writes it. */
interface Golden {
  readonly name: string;
  readonly distroversion: string;
  readonly secfixes: Readonly<Record<string, readonly string[]>>;
}

describeWithCorpus("the feed of Alpine's security database", () => {
  const folder = temporaryFolder();
  let files = 0;
  const asJson = (path: string): string => {
    const file = join(folder, `${files++}.json`);
    writeFileSync(file, JSON.stringify(readYaml(readFileSync(path, "utf8"))));
    return file;
  };

  test("every record of vunnel has the same packages and versions", async () => {
    const vunnel = ["feeds", "vunnel", "alpine"] as const;
    const input = ["main", "community"].map((name) =>
      asJson(corpusPath(...vunnel, "input", "secdb", "v3.15", `${name}.yaml`)),
    );
    const { items, problems } = await parseFiles(alpineFeed, input);
    expect(problems).toEqual([]);
    const facts = packageFacts(items);
    const names = readdirSync(corpusPath(...vunnel, "snapshots", "3.15"));
    for (const name of names) {
      const { Vulnerability: expected } = corpusJson<Snapshot>(...vunnel, "snapshots", "3.15", name).item;
      const ours = facts.filter(({ id }) => id === expected.Name);
      expect(ours.map(({ ecosystem, name: target, state }) => `${ecosystem} ${target} ${state}`)).toEqual(
        expected.FixedIn.map(({ Name, Version }) => `Alpine:v3.15 ${Name} fixed ${Version}`),
      );
    }
    expect(names.length).toBe(16);
    expect(facts.length).toBe(16);
  });

  test("every package of vuln-list-update has the same fixes in the same branch", async () => {
    const alpine = ["feeds", "vuln-list-update", "alpine"] as const;
    const inputs = readdirSync(corpusPath(...alpine)).filter((name) => name.endsWith(".json"));
    const { items, problems } = await parseFiles(
      alpineFeed,
      inputs.map((name) => corpusPath(...alpine, name)),
    );
    expect(problems).toEqual([]);
    const facts = packageFacts(items);
    const goldens = readdirSync(corpusPath(...alpine, "golden")).map((name) =>
      corpusJson<Golden>(...alpine, "golden", name),
    );
    const expected = goldens.flatMap(({ name, distroversion, secfixes }) =>
      Object.entries(secfixes).flatMap(([version, ids]) =>
        ids.map((id) => `${id} Alpine:${distroversion} ${name} fixed ${version}`),
      ),
    );
    expect(facts.map(({ id, ecosystem, name, state }) => `${id} ${ecosystem} ${name} ${state}`).sort()).toEqual(
      expected.sort(),
    );
    expect({ files: inputs.length, packages: goldens.length, fixes: expected.length }).toEqual({
      files: 6,
      packages: 3,
      fixes: 5,
    });
  });

  test("every fix of the real files of nine branches is read, except texts that name no vulnerability", async () => {
    const branches = readdirSync(corpusPath("feeds", "alpine-secdb"));
    const paths = branches.flatMap((branch) =>
      readdirSync(corpusPath("feeds", "alpine-secdb", branch)).map((name) =>
        corpusPath("feeds", "alpine-secdb", branch, name),
      ),
    );
    const { items, problems } = await parseFiles(alpineFeed, paths.map(asJson));
    expect(problems).toEqual([]);
    const facts = packageFacts(items);
    const found = new Map<string, PackageFact>(
      facts.map((fact) => [`${fact.id} ${fact.ecosystem} ${fact.name}`, fact]),
    );
    const unread: string[] = [];
    let texts = 0;
    for (const path of paths) {
      const { distroversion, packages } = readYaml(readFileSync(path, "utf8"));
      for (const { name, secfixes } of (packages ?? []).map(({ pkg }) => pkg)) {
        for (const text of Object.values(secfixes).flat()) {
          texts++;
          const ids = readSecdbIds(text);
          if (ids.length === 0) unread.push(text);
          for (const { id } of ids) expect(found.has(`${id} Alpine:${distroversion} ${name}`)).toBe(true);
        }
      }
    }
    expect(unread).toEqual([]);
    const clear = facts.filter(({ state }) => state === "not affected");
    expect({ files: paths.length, texts, facts: facts.length, clear: clear.length }).toEqual({
      files: 18,
      texts: 12_028,
      facts: 11_881,
      clear: 5,
    });
  });

  test("what is in another form is accounted for: the tracker's guesses by NVD's names, without a fix, are not advisories", () => {
    expect(readdirSync(corpusPath("feeds", "vuln-list-update", "alpine-unfixed", "golden")).length).toBe(1);
  });
});

/** The YAML of the database before it was published as JSON: one key or list entry a line, two spaces or none before a dash. */
function readYaml(text: string): Secdb {
  let distroversion = "";
  const packages: { pkg: { name: string; secfixes: Record<string, string[]> } }[] = [];
  let inFixes = false;
  let ids: string[] | undefined;
  for (const line of text.split("\n")) {
    const body = line.trim();
    const [, key, value] = /^([^#:]+|"[^"]*"|'[^']*'):(?: (.*))?$/.exec(body.startsWith("- CVE") ? "" : body) ?? [];
    const entry = /^- +(.*)$/.exec(body)?.[1];
    if (body === "- pkg:") {
      packages.push({ pkg: { name: "", secfixes: {} } });
      inFixes = false;
    } else if (key === "distroversion") distroversion = value ?? "";
    else if (packages.length === 0) continue;
    else if (key === "name") {
      const last = packages.at(-1);
      if (last) last.pkg.name = value ?? "";
    } else if (key === "secfixes") inFixes = true;
    else if (inFixes && key !== undefined && !entry) {
      ids = [];
      const fixes = packages.at(-1)?.pkg.secfixes ?? {};
      fixes[unquoted(key)] = ids;
    } else if (inFixes && entry !== undefined) ids?.push(unquoted(entry));
  }
  return { distroversion, packages: packages.length > 0 ? packages : null };
}

function unquoted(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/, "$2");
}
