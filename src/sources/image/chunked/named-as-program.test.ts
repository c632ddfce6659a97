import { expect, test } from "vitest";
import { namedAsProgram } from "./named-as-program.ts";

function named(path: string, mode = 0o644): boolean {
  return namedAsProgram({ path, mode, type: "file", size: 1, link: "" });
}

test.each([0o755, 0o700, 0o010, 0o001, 0o4711])("a file of mode %o calls itself a program", (mode) => {
  expect(named("data/0001.bin", mode)).toBe(true);
});

test.each([
  "lib/libc.so",
  "lib/libc.so.6",
  "lib/libstdc++.so.6.0.30",
  "app/tool.exe",
  "app/Tool.DLL",
  "app/libtool.dylib",
  "app/build/Release/addon.node",
  "python/DLLs/_ssl.pyd",
])("%s calls itself one by its name", (path) => {
  expect(named(path)).toBe(true);
});

test.each(["data/0001.bin", "share/also", "share/so", "doc/lib.so.txt", "a.so/readme", "app/tool.exe.config", "node"])(
  "%s does not",
  (path) => {
    expect(named(path)).toBe(false);
  },
);
