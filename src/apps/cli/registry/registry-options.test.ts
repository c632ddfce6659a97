import { Command } from "commander";
import { expect, test } from "vitest";
import { addRegistryOptions, registryName } from "./registry-options.ts";
import { addRegistryScanOptions } from "./registry-scan-options.ts";

const marker = "marker";
const texts = [
  `https://alice:${marker}@registry.test:5000`,
  `alice:${marker}@registry.test`,
  `https://alice:mar/${marker}@registry.test/team`,
  `https:/alice:${marker}@registry.test`,
  `/alice:${marker}@registry.test/team`,
];

test.each(texts)("%s names a registry with a user, and that is said without any of it", (text) => {
  for (const named of [
    () => registryName(text),
    () => registryOption(`--registry=${text}`),
    () => registryOption(`--registry-mirror=${text}=mirror.test`),
  ]) {
    expect(named).toThrow("Give the registry without user name and password");
    expect(named).toThrow(expect.objectContaining({ message: expect.not.stringContaining(`${marker}@registry`) }));
  }
});

test("what is no registry for another reason is named", () => {
  expect(() => registryName("no registry")).toThrow('"no registry" is not a registry; expected HOST or HOST:PORT.');
  expect(registryName("https://registry.test:5000/")).toBe("registry.test:5000");
});

/** The reason alone: what Commander puts before it is for `usageMessage`. */
function registryOption(option: string): void {
  const command = addRegistryScanOptions(addRegistryOptions(new Command().exitOverride()));
  command.configureOutput({ writeErr: () => undefined });
  try {
    command.parse([option], { from: "user" });
  } catch (error) {
    throw new Error(String(error).replace(/argument '.*' is invalid/s, ""));
  }
}
