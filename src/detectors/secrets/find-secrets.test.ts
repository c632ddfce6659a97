import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../tests/setup/damaged-bytes.ts";
import { sampleOfPattern } from "../../../tests/setup/sample-of-pattern.ts";
import { secretSearch } from "./find-secrets.ts";
import { secretRules } from "./rules/builtin.ts";
import type { SecretRule } from "./secret-rule.ts";
import { checksumOf } from "./validators.ts";

const search = secretSearch(secretRules);

/** Texts that a rule must find: of its own pattern, with a keyword where the pattern has none. */
function positivesOf(rule: SecretRule): readonly string[] {
  const random = seededRandom(rule.id.length * 7919 + rule.id.charCodeAt(0));
  const texts: string[] = [];
  for (let tries = 0; texts.length < 5 && tries < 500; tries++) {
    const sample = withChecksum(rule, sampleOfPattern(rule.pattern.source, random));
    const text = rule.keywords.some((word) => sample.toLowerCase().includes(word))
      ? sample
      : `${rule.keywords[0]} ${sample}`;
    const found = [...text.matchAll(rule.pattern)].map((match) => match.groups?.["secret"] ?? match[0]);
    if (found.some((value) => fits(rule, value))) texts.push(text);
  }
  return texts;
}

/** Samples are random: some have too little entropy, or spell a word of an example. */
function fits({ entropy = 0, validate }: SecretRule, value: string): boolean {
  const counts = Map.groupBy(value, (letter) => letter)
    .values()
    .map(({ length }) => length / value.length);
  return counts.reduce((sum, share) => sum - share * Math.log2(share), 0) >= entropy && (validate?.(value) ?? true);
}

function withChecksum({ id }: SecretRule, sample: string): string {
  if (id === "github-token" || id === "npm-token") {
    const body = sample.slice(sample.indexOf("_") + 1, -6);
    return sample.slice(0, -6) + checksumOf(body);
  }
  if (id === "json-web-token") return sample.replace(/^[^.]+/, Buffer.from('{"alg":"HS256"}').toString("base64url"));
  if (id === "docker-config-auth" || id === "npm-basic-auth") {
    return sample.replace(/[A-Za-z0-9+/]{8,}={0,2}/, Buffer.from("robot:Hq81xv9z").toString("base64"));
  }
  return sample;
}

describe("every rule", () => {
  test("has an id of its own, and there are at least 150", () => {
    expect(secretRules.length).toBeGreaterThanOrEqual(150);
    expect(new Set(secretRules.map(({ id }) => id)).size).toBe(secretRules.length);
    for (const { id, keywords } of secretRules) {
      expect(id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
      expect(keywords.length, id).toBeGreaterThan(0);
      for (const keyword of keywords) expect(keyword, id).toMatch(/^[\x21-\x7e ]{2,}$/);
      for (const keyword of keywords) expect(keyword, id).toBe(keyword.toLowerCase());
    }
  });

  test.each(secretRules.map((rule) => [rule.id, rule] as const))(
    "%s finds what it describes, and not what is cut",
    (id, rule) => {
      const positives = positivesOf(rule);
      expect(positives.length).toBe(5);
      for (const text of positives) {
        const { secrets, complete } = search(Buffer.from(`first line\n${text}\nlast line\n`));
        expect(
          secrets.map(({ rule: found }) => found),
          text,
        ).toContain(id);
        expect(complete).toBe(true);
        const value = [...text.matchAll(rule.pattern)][0]?.groups?.["secret"] ?? text;
        expect(JSON.stringify(secrets)).not.toContain(value.slice(Math.ceil(value.length / 2)));
        const cut = search(Buffer.from(text.slice(0, Math.floor(text.length / 3))));
        expect(cut.secrets.map(({ rule: found }) => found)).not.toContain(id);
      }
    },
  );
});

test("a secret has its line, its public beginning and a fingerprint", () => {
  const token = `ghp_${"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"}0mLq17`;
  expect(search(Buffer.from(`a\nb ${token}\nc ${token}\n`)).secrets).toEqual([
    {
      ...{ rule: "github-token", title: "GitHub token", severity: "critical", line: 2 },
      ...{ shape: "ghp_… (40 characters)", fingerprint: "976b57ee8acdfcf4" },
    },
  ]);
});

test("a password has neither a length nor a fingerprint", () => {
  const [found] = search(Buffer.from("DB=postgres://shop:Hq81xv9z@db/shop\n")).secrets;
  expect(found).toMatchObject({ rule: "database-url-password", shape: "…" });
  expect(found?.fingerprint).toBeUndefined();
});

test.each([
  ["a token with a wrong checksum", `ghp_${"z".repeat(30)}abc123`],
  ["a variable", `DATABASE_URL=postgres://user:${"$"}{DB_PASSWORD}@db/shop`],
  ["an example", 'password = "your-password-here-1"'],
  ["an example key of AWS", "AKIAIOSFODNN7EXAMPLE"],
  ["a call", 'token = getToken("abcdefghijklmnop")'],
  ["a word", 'secret: "kubernetes.io/service-account-token"'],
  ["base64 that is not user and password", '{"auth": "aGVsbG8gd29ybGQ="}'],
  ["a JSON Web Token without an algorithm", `eyJ${"a".repeat(20)}.eyJ${"b".repeat(20)}.${"c".repeat(40)}`],
  ["the mark of a key without the key", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----"],
])("%s is not a secret", (_, text) => {
  expect(search(Buffer.from(text)).secrets).toEqual([]);
});

test("secrets that overlap or stand side by side are all found", () => {
  const token = `ghp_${"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"}0mLq17`;
  const { secrets } = search(Buffer.from(`//registry.npmjs.org/:x ${token} https://ann:${token}@example.test/`));
  expect(secrets.map(({ rule }) => rule).sort()).toEqual(["github-token", "url-password"]);
});

test.each([
  ["keywords", secretRules.flatMap(({ keywords }) => keywords).join(" ")],
  ["assignments", 'password="Aa1'],
  ["keys without an end", "-----BEGIN PRIVATE KEY-----AAAA AAAA"],
  ["tokens without an end", "eyJaaaaaaaaaaaaaaa.eyJaaaaaaaaaaaaaaaaaaaa"],
  ["marks of PGP", "BEGIN PGP PRIVATE KEY -----BEGIN PGP PRIVATE KEY BLOCK-----"],
  ["marks of PuTTY", "PuTTY-User-Key-File-2: Private-Lines: 1"],
])("a megabyte of %s takes less than two seconds", (_, text) => {
  const bytes = Buffer.from(text.repeat(Math.ceil(1_000_000 / text.length)).slice(0, 1_000_000));
  const start = performance.now();
  search(bytes);
  expect(performance.now() - start).toBeLessThan(2_000);
});

describe("in encodings", () => {
  const token = `ghp_${"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"}0mLq17`;
  const url = "postgres://shop:Hq81xv9z-Lw@db.example.test/shop";
  const base64 = Buffer.from(`token: ${token}\n`).toString("base64");
  const found = (text: string) =>
    search(Buffer.from(text)).secrets.map(({ rule, line, shape }) => [rule, line, shape.replace(/^.*\)/, "")]);

  test.each([
    ["base64", `data:\n  token: ${base64}\n`, [["github-token", 2, ", in base64"]]],
    [
      "base64 for URLs",
      `a\nb\n"${Buffer.from(`??>${token}`).toString("base64url")}"`,
      [["github-token", 3, ", in base64"]],
    ],
    ["hex", `x=${Buffer.from(token).toString("hex")};`, [["github-token", 1, ", in hex"]]],
    ["percent-encoding", `?t=${token.replace("_", "%5F")}`, [["github-token", 1, ", in percent-encoding"]]],
    [
      "base64 in base64",
      Buffer.from(`a: ${base64}`).toString("base64"),
      [["github-token", 1, ", in base64, in base64"]],
    ],
    ["as it is and in base64", `${token}\n${base64}`, [["github-token", 1, ""]]],
    ["nothing that is no text", Buffer.from(token, "utf16le").toString("base64"), []],
  ])("%s", (_, text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  test("a password in a URL in base64", () => {
    expect(found(Buffer.from(url).toString("base64"))).toEqual([["database-url-password", 1, expect.any(String)]]);
  });

  test("deep and many encodings end in time", () => {
    let text = token;
    for (let depth = 0; depth < 6; depth++) text = Buffer.from(text).toString("base64");
    const begun = performance.now();
    search(Buffer.from(`${text} `.repeat(Math.floor(400_000 / text.length))));
    search(Buffer.from("QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB ".repeat(12_000)));
    search(Buffer.from("%41\n".repeat(100_000)));
    expect(performance.now() - begun).toBeLessThan(5_000);
  });
});
