import { describeExtractor } from "../../conformance.ts";
import { sbtLock } from "./sbt.ts";

const lock = {
  lockVersion: 1,
  dependencies: [
    { org: "org.typelevel", name: "cats-core_2.12", version: "2.9.0", configurations: ["compile", "test"] },
    { org: "org.scalatest", name: "scalatest_2.12", version: "3.2.0", configurations: ["test"] },
  ],
};

describeExtractor(sbtLock, [
  {
    path: "build.sbt.lock",
    bytes: new TextEncoder().encode(JSON.stringify(lock)),
    expected: [
      { kind: "package", package: { type: "maven", name: "org.typelevel:cats-core_2.12", version: "2.9.0" } },
      {
        kind: "package",
        package: {
          ...{ type: "maven", name: "org.scalatest:scalatest_2.12", version: "3.2.0" },
          declaration: { development: true },
        },
      },
    ],
  },
]);
