import { expect, test } from "vitest";
import { beginsAsDockerfile } from "./begins-as-dockerfile.ts";

test.each([
  "FROM alpine\n",
  "\ufeff# syntax=docker/dockerfile:1\n\n# a comment\nARG TAG=3.22\nFROM alpine:$TAG\n",
  "from --platform=linux/amd64 \\\n  alpine as base\r\nRUN x\n",
  "FROM alpine\nNONSENSE here\n",
  `${"# a comment\n".repeat(10_000)}FROM alpine\n`,
  "# escape=`\n# syntax=example.com/other:1\nBASE alpine\n",
])("%j begins as a Dockerfile", (text) => {
  expect(beginsAsDockerfile(text)).toBe(true);
});

test.each([
  "",
  "# only a comment\n",
  'import { x } from "y";\n',
  "/** A comment. */\nexport const from = 1;\n",
  "from dataclasses import dataclass\n",
  "# Dockerfiles\n\nRun docker build.\n",
  "{% if x %}\nFROM alpine\n{% endif %}\n",
  "FROM\n",
  "RUN x\nFROM alpine\n",
  "*.log\n",
  "\0\0\0",
])("%j does not", (text) => {
  expect(beginsAsDockerfile(text)).toBe(false);
});
