import { expect, test } from "vitest";
import { type ArchiveEvidence, identifyArchive } from "./archive-identity.ts";
import type { Coordinates } from "./coordinates.ts";

function identify(
  fileName: string,
  { manifest = {}, ...rest }: Partial<Omit<ArchiveEvidence, "manifest">> & { manifest?: Record<string, string> } = {},
): string[] {
  const attributes = new Map(Object.entries(manifest).map(([name, value]) => [name.toLowerCase(), value]));
  const found = identifyArchive({
    fileName,
    poms: [],
    pomFolders: [],
    hasClasses: false,
    ...rest,
    manifest: attributes,
  });
  return found.map(({ group, artifact, version }) => `${group ?? "-"}:${artifact}:${version}`);
}

function pom(text: string): Required<Coordinates> {
  const [group = "", artifact = "", version = ""] = text.split(":");
  return { group, artifact, version };
}

const log4j = pom("log4j:log4j:1.2.17");

test("the pom.properties that fits the file name is the archive, and comes first", () => {
  const poms = [log4j, pom("com.example:app:1.0")];
  expect(identify("app-1.0.jar", { poms })).toEqual(["com.example:app:1.0", "log4j:log4j:1.2.17"]);
  expect(identify("com.example.app-1.0.jar", { poms })).toEqual(["com.example:app:1.0", "log4j:log4j:1.2.17"]);
  expect(identify("app.jar", { poms })).toEqual(["com.example:app:1.0", "log4j:log4j:1.2.17"]);
});

test("a pom.properties that does not fit never names the archive", () => {
  expect(identify("wrapper-2.0.jar", { poms: [log4j] })).toEqual(["-:wrapper:2.0", "log4j:log4j:1.2.17"]);
  expect(identify("wrapper-1.2.17.jar", { poms: [log4j] })).toEqual(["-:wrapper:1.2.17", "log4j:log4j:1.2.17"]);
  const manifest = { "Bundle-SymbolicName": "com.example.wrapper", "Implementation-Version": "2.0" };
  expect(identify("wrapper.jar", { poms: [log4j], manifest })).toEqual([
    "com.example:wrapper:2.0",
    "log4j:log4j:1.2.17",
  ]);
});

test("a renamed archive is known by its manifest", () => {
  const poms = [pom("com.example:app:1.0")];
  expect(identify("service.jar", { poms, manifest: { "Implementation-Title": "app" } })).toEqual([
    "com.example:app:1.0",
  ]);
  expect(identify("service.jar", { poms, manifest: { "Implementation-Version": "1.0" } })).toEqual([
    "com.example:app:1.0",
  ]);
  const bundle = { "Bundle-SymbolicName": "com.example.app;singleton:=true", "Bundle-Version": "1.0.0" };
  expect(identify("service.jar", { poms, manifest: bundle })).toEqual(["com.example:app:1.0"]);
});

test("the same coordinates are given once", () => {
  expect(identify("app-1.0.jar", { poms: [log4j, log4j, pom("a:app:1.0"), pom("a:app:1.0")] })).toEqual([
    "a:app:1.0",
    "log4j:log4j:1.2.17",
  ]);
});

test("without a version in pom.properties, manifest or file name nothing is named", () => {
  expect(identify("app.jar")).toEqual([]);
  for (const version of ["", `\${project.version}`, "UNKNOWN"]) {
    expect(identify("app.jar", { manifest: { "Implementation-Version": version } })).toEqual([]);
  }
});

test("the version of the file name outranks that of the manifest unless it is one number of a longer one", () => {
  expect(identify("lib-5.6.0.jar", { manifest: { "Implementation-Version": "5.6.1 (b0)" } })).toEqual(["-:lib:5.6.0"]);
  expect(identify("lib-2.jar", { manifest: { "Implementation-Version": "2.9.1" } })).toEqual(["-:lib:2.9.1"]);
  expect(identify("lib-3.jar", { manifest: { "Implementation-Version": "2.9.1" } })).toEqual(["-:lib:3"]);
});

test("the group comes from the path of a pom.xml before all else", () => {
  const pomFolders = [{ group: "com.example", artifact: "guava" }];
  expect(identify("guava-30.1-jre.jar", { pomFolders })).toEqual(["com.example:guava:30.1-jre"]);
  expect(identify("other-1.0.jar", { pomFolders })).toEqual(["-:other:1.0"]);
});

test.each([
  ["log4j-core-2.14.1.jar", "org.apache.logging.log4j:log4j-core:2.14.1"],
  ["log4j-1.2.17.jar", "log4j:log4j:1.2.17"],
  ["spring-core-5.3.3.jar", "org.springframework:spring-core:5.3.3"],
  ["spring-boot-starter-web-2.4.0.jar", "org.springframework.boot:spring-boot-starter-web:2.4.0"],
  ["tomcat-embed-core-9.0.30.jar", "org.apache.tomcat.embed:tomcat-embed-core:9.0.30"],
  ["commons-io-2.6.jar", "commons-io:commons-io:2.6"],
  ["commons-text-1.8.jar", "org.apache.commons:commons-text:1.8"],
  ["org.eclipse.sisu.inject-0.3.5.jar", "org.eclipse.sisu:org.eclipse.sisu.inject:0.3.5"],
])("%s is well known as %s", (fileName, expected) => {
  expect(identify(fileName)).toEqual([expected]);
});

test.each([
  ["cron-utils-9.1.2.jar", { "Bundle-SymbolicName": "com.cronutils.cron-utils" }, "com.cronutils"],
  ["metrics-jvm-3.1.5.jar", { "Bundle-SymbolicName": "io.dropwizard.metrics.jvm" }, "io.dropwizard.metrics"],
  ["parser-1.0.jar", { "Automatic-Module-Name": "com.example.parser" }, "com.example"],
  ["antlr-runtime-3.5.2.jar", { "Implementation-Vendor-Id": "org.antlr" }, "org.antlr"],
  ["activation-1.1.1.jar", { "Extension-Name": "javax.activation" }, "javax.activation"],
  [
    "inject-1.0.jar",
    { "Bundle-SymbolicName": "com.example.inject", "Implementation-Vendor-Id": "com.example.inject" },
    "com.example.inject",
  ],
  ["netty-socketio-1.7.jar", { "Bundle-SymbolicName": "com.example.netty-socketio" }, "com.example"],
  ["thing-1.0.jar", { "Implementation-Vendor-Id": "org.apache" }, "-"],
  ["thing-1.0.jar", { "Bundle-SymbolicName": "com.example.other" }, "-"],
  ["thing-1.0.jar", { "Bundle-SymbolicName": "com.sun.thing" }, "-"],
])("the group of %s comes from %o", (fileName, manifest, group) => {
  expect(identify(fileName, { manifest: manifest as Record<string, string> })[0]?.split(":")[0]).toBe(group);
});

test.each([
  ["catalina.jar", { "Implementation-Title": "Apache Tomcat" }, "org.apache.tomcat:tomcat-catalina:9.0.30"],
  ["tomcat-util.jar", { "Implementation-Title": "Apache Tomcat" }, "org.apache.tomcat:tomcat-util:9.0.30"],
  ["log4j-core.jar", {}, "org.apache.logging.log4j:log4j-core:9.0.30"],
  ["app.jar", { "Implementation-Title": "My App" }, "-:app:9.0.30"],
  ["app.jar", { "Implementation-Title": "order-service" }, "-:order-service:9.0.30"],
  ["renamed.jar", { "Bundle-SymbolicName": "org.springframework.core" }, "org.springframework:spring-core:9.0.30"],
  ["renamed.jar", { "Bundle-SymbolicName": "com.example.thing" }, "com.example:thing:9.0.30"],
  ["renamed.jar", { "Bundle-SymbolicName": "org.apache.commons.lang3" }, "org.apache.commons:commons-lang3:9.0.30"],
  ["renamed.jar", { "Bundle-SymbolicName": "com.google.guava" }, "com.google.guava:guava:9.0.30"],
  ["renamed.jar", { "Bundle-SymbolicName": "com.sun.thing" }, "-:renamed:9.0.30"],
])("%s without a version in its name is read with %o as %s", (fileName, manifest, expected) => {
  expect(identify(fileName, { manifest: { ...manifest, "Implementation-Version": "9.0.30" } })).toEqual([expected]);
});

test("the version tells the group of a project that has moved", () => {
  expect(identify("dom4j-1.6.1.jar")).toEqual(["dom4j:dom4j:1.6.1"]);
  expect(identify("dom4j-2.1.1.jar")).toEqual(["org.dom4j:dom4j:2.1.1"]);
});

test("a Jenkins plug-in says what it is", () => {
  const manifest = { "Group-Id": "org.jenkins-ci.plugins", "Short-Name": "git", "Plugin-Version": "4.0" };
  expect(identify("git.jpi", { manifest })).toEqual(["org.jenkins-ci.plugins:git:4.0"]);
});

test("parts of the Java runtime are no packages", () => {
  const manifest = { "Implementation-Title": "Java Runtime Environment", "Implementation-Version": "1.8.0_275" };
  expect(identify("rt.jar", { manifest })).toEqual([]);
});

test("a well-known library of which nothing tells the version is there all the same, others are not guessed", () => {
  expect(identify("log4j-core.jar")).toEqual(["org.apache.logging.log4j:log4j-core:"]);
  expect(identify("app.jar")).toEqual([]);
});

test("an archive with classes is there whatever tells its version, and has its group where something tells that", () => {
  const hasClasses = true;
  expect(identify("thing.jar", { hasClasses })).toEqual(["-:thing:"]);
  expect(identify("renamed.jar", { hasClasses, poms: [pom("com.example:packed:1.0")] })).toEqual([
    "-:renamed:",
    "com.example:packed:1.0",
  ]);
  const manifest = { "Automatic-Module-Name": "com.example.parser" };
  expect(identify("parser.jar", { hasClasses, manifest })).toEqual(["com.example:parser:"]);
  expect(identify("two words.jar", { hasClasses })).toEqual([]);
  expect(identify("rt.jar", { hasClasses, manifest: { "Implementation-Title": "Java Runtime Environment" } })).toEqual(
    [],
  );
});
