import { describeExtractor } from "../../conformance.ts";
import { gradleCatalog } from "./gradle-catalog.ts";

const lines = [
  "[versions]",
  'groovy = "3.0.5"',
  "[libraries]",
  'guava = "com.google.guava:guava:30.1.1-jre"',
  'groovy = { module = "org.codehaus.groovy:groovy", version.ref = "groovy" }',
  'strict = { group = "org.a", name = "b", version = { strictly = "2.0" } }',
  'none = { module = "org.a:none" }',
];

describeExtractor(gradleCatalog, [
  {
    path: "gradle/libs.versions.toml",
    bytes: new TextEncoder().encode(lines.join("\n")),
    expected: [
      {
        kind: "package",
        package: {
          type: "maven",
          name: "com.google.guava:guava",
          version: "30.1.1-jre",
          declaration: { relation: "direct" },
        },
      },
      {
        kind: "package",
        package: {
          type: "maven",
          name: "org.codehaus.groovy:groovy",
          version: "3.0.5",
          declaration: { relation: "direct" },
        },
      },
      {
        kind: "package",
        package: { type: "maven", name: "org.a:b", version: "2.0", declaration: { relation: "direct" } },
      },
    ],
  },
]);
