import { expect, test } from "vitest";
import { credentialFiles, pathOf } from "./credential-files.ts";

test("without variables the files below the home folder are asked, Docker's first", () => {
  expect(credentialFiles({}, { home: "/home/u" })).toEqual([
    { path: "/home/u/.docker/config.json", kind: "docker", mayBeClosed: true },
    { path: "/home/u/.config/containers/auth.json", kind: "containers", mayBeClosed: true },
  ]);
});

test("variables name other folders; an empty one counts as none", () => {
  const environment = {
    DOCKER_CONFIG: "/d",
    XDG_RUNTIME_DIR: "/run/user/1",
    XDG_CONFIG_HOME: "/c",
    REGISTRY_AUTH_FILE: "",
  };
  expect(credentialFiles(environment, { home: "/home/u", uid: 1 }).map(({ path }) => path)).toEqual([
    "/d/config.json",
    "/run/user/1/containers/auth.json",
    "/c/containers/auth.json",
  ]);
});

test("a user without a runtime folder, as root is, has Podman's file below /run", () => {
  expect(credentialFiles({ XDG_RUNTIME_DIR: "" }, { home: "/root", uid: 0 }).slice(1)).toEqual([
    { path: "/run/containers/0/auth.json", kind: "containers", mayBeClosed: true },
    { path: "/root/.config/containers/auth.json", kind: "containers", mayBeClosed: true },
  ]);
});

test.each([{ DOCKER_CONFIG: '{"auths":{}}' }, { REGISTRY_AUTH_FILE: '{"auths":{}}' }])(
  "a variable that holds what should be in its file is an error when the file is needed: %j",
  (environment) => {
    const files = credentialFiles(environment, { home: "/home/u" });
    expect(() => files.map(pathOf)).toThrow(
      expect.objectContaining({
        code: "usage",
        message: expect.not.stringContaining("auths"),
        hint: expect.stringContaining("DOCKER_AUTH_CONFIG"),
      }),
    );
  },
);

test("REGISTRY_AUTH_FILE stands in place of Podman's files", () => {
  const environment = { REGISTRY_AUTH_FILE: "/secret/auth.json", XDG_RUNTIME_DIR: "/run/user/1" };
  const files = credentialFiles(environment, { home: "/home/u", uid: 1 });
  expect(files.slice(1)).toEqual([
    {
      path: "/secret/auth.json",
      kind: "containers",
      given: expect.objectContaining({ text: "/secret/auth.json", setting: "REGISTRY_AUTH_FILE" }),
    },
  ]);
});
