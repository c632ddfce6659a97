import { expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import { mavenPom } from "./maven.ts";

const lines = [
  '<?xml version="1.0" encoding="UTF-8"?>',
  "<project>",
  "<!-- <dependency> -->",
  "<parent><groupId>org.a</groupId><artifactId>p</artifactId><version>3.0</version></parent>",
  `<properties><b.version>2.0.0</b.version><c>\${b.version}</c></properties>`,
  "<dependencyManagement><dependencies>",
  "<dependency><groupId>org.m</groupId><artifactId>m</artifactId><version>[4.1]</version></dependency>",
  "</dependencies></dependencyManagement>",
  "<dependencies>",
  `<dependency><groupId>\${project.groupId}</groupId><artifactId>a</artifactId><version>\${project.version}</version></dependency>`,
  `<dependency><groupId>org.b</groupId><artifactId>b</artifactId><version>\${c}</version><scope>test</scope></dependency>`,
  "<dependency><groupId>org.m</groupId><artifactId>m</artifactId></dependency>",
  "<dependency><groupId>org.parent</groupId><artifactId>unknown</artifactId></dependency>",
  "</dependencies>",
  "</project>",
];

describeExtractor(mavenPom, [
  {
    path: "pom.xml",
    bytes: new TextEncoder().encode(lines.join("\n")),
    expected: [
      {
        kind: "package",
        package: { type: "maven", name: "org.a:a", version: "3.0", declaration: { line: 10, relation: "direct" } },
      },
      {
        kind: "package",
        package: {
          type: "maven",
          name: "org.b:b",
          version: "2.0.0",
          declaration: { line: 11, relation: "direct", development: true },
        },
      },
      {
        kind: "package",
        package: { type: "maven", name: "org.m:m", version: "4.1", declaration: { line: 12, relation: "direct" } },
      },
    ],
  },
]);

test("lock/maven reports what other files state, what they need, and what is no project", () => {
  expect(problemsOf(lines.join("\n"))).toEqual([
    "a dependency of pom.xml could not be read because org.parent:unknown has no version in this file",
    "pom.xml does not list indirect dependencies, so they were not examined",
  ]);
  expect(problemsOf("<project><a></project>")).toHaveLength(1);
  expect(problemsOf("<settings/>")).toHaveLength(1);
  expect(problemsOf("<!DOCTYPE a><project/>")).toHaveLength(1);
  expect(problemsOf("<project/>")).toEqual([]);
});

test("lock/maven ends where properties name each other", () => {
  const properties = `<properties><a>\${b}\${b}</a><b>\${a}\${a}</b></properties>`;
  const dependency = `<dependency><groupId>g</groupId><artifactId>a</artifactId><version>\${a}</version></dependency>`;
  expect(problemsOf(`<project>${properties}<dependencies>${dependency}</dependencies></project>`)).toHaveLength(2);
});

function problemsOf(text: string): readonly string[] {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  for (const _ of mavenPom.extract(memoryFile("pom.xml", new TextEncoder().encode(text)), context));
  return problems.map(({ message }) => message);
}
