import { expect, test } from "vitest";
import { scriptCommands } from "./run-commands.ts";
import { signatureWords } from "./weakened-checks.ts";

function words(script: string): (string | undefined)[] {
  return scriptCommands(script).commands.map(signatureWords);
}

test.each([
  ["rpm -i --noverify a.rpm", "rpm --noverify"],
  ["rpm --nofiledigest -Uvh a.rpm", "rpm --nofiledigest"],
  ["rpm -F --nodigest a.rpm", "rpm --nodigest"],
  ["rpm --install --nosignature https://a.test/a.rpm", "rpm --nosignature"],
  ["sudo rpm -ivh --nofiledigest a.rpm", "rpm --nofiledigest"],
  ["rpm -i --define '_pkgverify_level none' a.rpm", "rpm --define '_pkgverify_level none'"],
  ["rpm -i a.rpm", undefined],
  ["rpm -qp --nosignature a.rpm", undefined],
  ["rpm -V --nofiledigest bash", undefined],
  ["rpm -i --nodeps --noscripts a.rpm", undefined],
  ["rpm -i --nosig a.rpm", undefined],
])("%s weakens the check of signatures by %s", (script, expected) => {
  expect(words(script)).toEqual([expected]);
});
