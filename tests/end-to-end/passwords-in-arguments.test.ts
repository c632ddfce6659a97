import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
writeFileSync(join(plimsoll.folder, "key.pub"), publicKey.export({ type: "spki", format: "pem" }));

/** A user and a password behind a slash that was left over, as those of an address are. */
const named = "/ada:marker@registry.test/team";
const expected = "Give the registry without user name and password";

const online = { PLIMSOLL_OFFLINE: "" };
const commands: [args: readonly string[], said: string, env?: Readonly<Record<string, string>>][] = [
  [["scan", "--registry", named], `argument '[secret]' is invalid. ${expected}`],
  [["scan", "--registry", `.${named}`], "argument '[secret]' is invalid"],
  [["scan", "--registry", `..${named}`], "argument '[secret]' is invalid"],
  [["scan", "a", "--registry-mirror", `${named}=m.test`], `argument '[secret]' is invalid. ${expected}`],
  [["scan", "a", "--insecure", named], `argument '[secret]' is invalid. ${expected}`],
  [["scan", "a", "--registry-trust", named], "argument '[secret]' is invalid"],
  [[named], "unknown command '[secret]'"],
  [["db", "pull", named], "a database reference must not contain a user name or password", online],
  [["db", "push", named], "a database reference must not contain a user name or password", online],
  [
    ["verify", named, "--key", "key.pub"],
    "cannot verify the image with --offline: signatures are stored in the registry",
  ],
  [["verify", named, "--key", "key.pub"], "a name with a user name or password is not a valid image name", online],
  [["scan", `registry:${named}`], "an image name must not contain a user name or password"],
  [["scan", `docker:${named}`], "an image name must not contain a user name or password"],
  [["login", named], `${expected}, as HOST or HOST:PORT; plimsoll login HOST prompts for them.`],
  [["login", "https://ada:marker@registry.test"], `${expected}, as HOST or HOST:PORT; plimsoll login HOST prompts`],
];

describe("a password where none belongs is not repeated by", () => {
  test.each(commands)("%j", async (args, said, env = {}) => {
    const { code, stdout, stderr } = await plimsoll(args, { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(said);
    expect(stderr).not.toContain("marker");
  });
});
