import { expect, test } from "vitest";
import { readImageConfig } from "./image-config.ts";

const userOf = (config: object): string => readImageConfig(Buffer.from(JSON.stringify(config)), "a config").user;

test("an image without a user runs as root, and one for Windows as the administrator of the container", () => {
  for (const config of [{}, { config: { User: "" } }, { config: { User: 5 } }]) {
    expect(userOf({ os: "linux", ...config })).toBe("root");
    expect(userOf(config)).toBe("root");
    expect(userOf({ os: "windows", ...config })).toBe("ContainerAdministrator");
  }
  expect(userOf({ os: "windows", config: { User: "ContainerUser" } })).toBe("ContainerUser");
});
