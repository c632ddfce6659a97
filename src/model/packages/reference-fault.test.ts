import { expect, test } from "vitest";
import { parseReference } from "./reference.ts";
import { referenceFault } from "./reference-fault.ts";

const digits = "a".repeat(64);

test.each([
  ["127.0.0.1:5941/Team/app:3", "the repository Team/app contains capital letters"],
  ["Readme:1", "the repository Readme contains capital letters"],
  ["127.0.0.1:5941/app:", "no tag follows the colon"],
  ["app:", "no tag follows the colon"],
  ["app:a b", "a tag consists of at most 128 letters, digits, dots, hyphens and underscores"],
  ["app@sha256:abc", "the part after @ is not a digest: expected sha256: and 64 hexadecimal digits"],
  [`app@sha256:${digits.toUpperCase()}`, "a digest must be in lower case"],
  [`app:1.27@SHA256:${digits.toUpperCase()}`, "a digest must be in lower case"],
  ["registry.example.com:99999/app", "the port is higher than 65535"],
  ["registry.example.com:5000/", "no repository follows registry.example.com:5000/"],
  ["[::1]:5000", "it has a registry but no repository"],
])("what is wrong with %s is told: %s", (text, fault) => {
  expect(parseReference(text)).toBeUndefined();
  expect(referenceFault(text)).toBe(fault);
});

test.each(["rootfs/", "./App", "/srv/App", "--offline", "", "a//b", "x".repeat(2000), digits])(
  "%j is not taken for a name of an image that went wrong",
  (text) => {
    expect(referenceFault(text)).toBeUndefined();
  },
);
