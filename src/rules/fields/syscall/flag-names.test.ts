import { expect, test } from "vitest";
import { enumerationNames, flagNames, modeNames } from "./flag-names.ts";

test("a flag takes its bits away from those that come after it", () => {
  expect(flagNames("file_flags", 3)).toBe("O_RDWR");
  expect(flagNames("file_flags", 4098)).toBe("O_WRONLY|O_CLOEXEC");
  expect(flagNames("file_flags", 0)).toBe("O_NONE");
  expect(flagNames("file_flags", 0x8000_0000)).toBe("");
});

test("an enumerated value has all names of its number", () => {
  expect(enumerationNames("socket_families", 1)).toBe("AF_LOCAL|AF_UNIX");
  expect(enumerationNames("no such set", 1)).toBe("");
});

test("a mode is spelled by its bits", () => {
  expect(modeNames("chmod_mode", 0o644)).toBe("S_IROTH|S_IRGRP|S_IWUSR|S_IRUSR");
});
