import { expect, test } from "vitest";
import { linkedProgramsFrom, platformFrom } from "./linked-programs.ts";

test("programs are read from objects as JSON, and paths that none of them has are of a program of which nothing is known", () => {
  const texts = [
    '{"paths":["bin/a"],"linkedPackages":["fmt"],"builtFor":"linux/amd64","more":1}',
    '{"paths":["bin/b"],"builtFor":"Linux"}',
  ];
  const programs = [{ paths: ["bin/a"], linkedPackages: ["fmt"], builtFor: "linux/amd64" }, { paths: ["bin/b"] }];
  expect(linkedProgramsFrom(texts, ["bin/a", "bin/b"])).toEqual(programs);
  expect(linkedProgramsFrom(texts, ["bin/a", "bin/b", "bin/c"])).toEqual([...programs, { paths: ["bin/c"] }]);
});

test("one program of another form makes all of them unknown", () => {
  const good = '{"paths":["bin/a"]}';
  for (const bad of ["", "[]", "{", "{}", '{"paths":"a"}', '{"paths":[1]}', '{"paths":[],"linkedPackages":"fmt"}']) {
    expect(linkedProgramsFrom([good, bad], ["bin/a"])).toBeUndefined();
  }
  expect(linkedProgramsFrom([], ["bin/a"])).toBeUndefined();
});

test("a platform is a system, or a system and a processor", () => {
  const texts = ["linux", "linux/amd64", "", "linux/", "/amd64", "a/b/c", "Linux/amd64", "linux amd64", undefined];
  expect(texts.map(platformFrom)).toEqual(["linux", "linux/amd64", ...Array.from({ length: 7 }, () => undefined)]);
});

test("paths that the package does not have count for nothing, and nothing is known where no other is left", () => {
  const strange = '{"paths":["bin/z"],"linkedPackages":["fmt"]}';
  const mixed = '{"paths":["bin/z","bin/a"],"linkedPackages":["os"]}';
  expect(linkedProgramsFrom([strange], [])).toBeUndefined();
  expect(linkedProgramsFrom([strange], ["bin/a"])).toBeUndefined();
  expect(linkedProgramsFrom([strange, mixed], ["bin/a", "bin/b"])).toEqual([
    { paths: ["bin/a"], linkedPackages: ["os"] },
    { paths: ["bin/b"] },
  ]);
});

test("of more programs than an image has nothing is known", () => {
  const texts = Array.from({ length: 1001 }, () => '{"paths":["bin/a"]}');
  expect(linkedProgramsFrom(texts, ["bin/a"])).toBeUndefined();
  expect(linkedProgramsFrom(texts.slice(1), ["bin/a"])).toHaveLength(1000);
});
