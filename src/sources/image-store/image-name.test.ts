import { describe, expect, test } from "vitest";
import { imageNameOf } from "./image-name.ts";

const digest = `sha256:${"ab".repeat(32)}`;

describe("a text that names an image in a store", () => {
  test.each([
    [
      "alpine",
      { full: ["alpine", "localhost/alpine:latest", "docker.io/library/alpine:latest"], suffix: "alpine:latest" },
    ],
    ["team/app:1", { full: ["team/app:1", "localhost/team/app:1", "docker.io/team/app:1"], suffix: "team/app:1" }],
    ["quay.io/team/app:1", { full: ["quay.io/team/app:1"], repository: "quay.io/team/app" }],
    ["localhost/app", { full: ["localhost/app", "localhost/app:latest"] }],
    ["docker.io/alpine:3", { full: ["docker.io/alpine:3", "docker.io/library/alpine:3"] }],
    [`alpine@${digest}`, { repository: "docker.io/library/alpine", digest }],
    ["ab12", { idBeginning: "ab12", full: ["ab12", "localhost/ab12:latest", "docker.io/library/ab12:latest"] }],
    [digest, { idBeginning: "ab".repeat(32) }],
    ["ab".repeat(32), { full: ["ab".repeat(32)], idBeginning: "ab".repeat(32) }],
    ["No Name", { full: ["No Name"] }],
  ])("%s", (text, expected) => {
    expect(imageNameOf(text)).toMatchObject(expected);
  });
});
