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
    classes: new Set(),
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

test.each([
  ["lz4-java-1.8.0.jar", "org.lz4", { "Bundle-SymbolicName": "lz4-java" }, ["net/jpountz/lz4/LZ4Factory.class"]],
  [
    "micrometer-core-1.9.17.jar",
    "io.micrometer",
    { "Implementation-Title": "io.micrometer#micrometer-core;1.9.17" },
    [],
  ],
  ["serializer-2.7.2.jar", "xalan", {}, ["org/apache/xml/serializer/Serializer.class"]],
  ["thymeleaf-spring5-3.0.15.RELEASE.jar", "org.thymeleaf", { "Implementation-Vendor": "The THYMELEAF team" }, []],
  ["xml-apis-1.4.01.jar", "xml-apis", {}, ["org/apache/xmlcommons/Version.class", "org/w3c/dom/Document.class"]],
  ["xml-apis-ext-1.3.04.jar", "xml-apis", {}, ["org/w3c/css/sac/Parser.class", "org/w3c/dom/svg/SVGDocument.class"]],
  [
    "xmlgraphics-commons-2.7.jar",
    "org.apache.xmlgraphics",
    { "Implementation-Title": "Apache XML Graphics Commons" },
    [],
  ],
])("%s is of %s where its content shows it, never by its name", (fileName, group, manifest, classes) => {
  const artifact = fileName.replace(/-\d.*$/, "");
  const whole = { manifest: manifest as Record<string, string>, classes: new Set<string>(classes) };
  expect(identify(fileName, whole)[0]).toMatch(`${group}:${artifact}:`);
  expect(identify(fileName)[0]).toMatch(`-:${artifact}:`);
});

test("a title with group and artifact speaks of that artifact alone, and org.lz4 ends with 1.8.0", () => {
  const manifest = { "Implementation-Title": "io.micrometer#micrometer-core;1.9.17" };
  expect(identify("thing-1.9.17.jar", { manifest })).toEqual(["-:thing:1.9.17"]);
  const lz4 = {
    manifest: { "Bundle-SymbolicName": "lz4-java" },
    classes: new Set(["net/jpountz/lz4/LZ4Factory.class"]),
  };
  expect(identify("lz4-java-1.8.1.jar", lz4)).toEqual(["-:lz4-java:1.8.1"]);
});

test.each(["annotations-api", "el-api", "jsp-api", "servlet-api", "websocket-api"])(
  "Tomcat's %s without a version in its name is known by its symbolic name",
  (name) => {
    const manifest = { "Bundle-SymbolicName": `org.apache.tomcat-${name}`, "Bundle-Version": "9.0.80" };
    expect(identify(`${name}.jar`, { manifest })).toEqual([`org.apache.tomcat:tomcat-${name}:9.0.80`]);
    expect(identify(`${name}.jar`, { manifest: { "Bundle-Version": "9.0.80" } })).toEqual([`-:${name}:9.0.80`]);
  },
);

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

test("a version that the file name has without its points is that of the manifest", () => {
  const manifest = {
    "Bundle-SymbolicName": "bcprov",
    "Implementation-Version": "1.60.0",
    "Implementation-Vendor-Id": "org.bouncycastle",
  };
  expect(identify("bcprov-jdk15on-160.jar", { manifest })).toEqual(["org.bouncycastle:bcprov-jdk15on:1.60.0"]);
  expect(identify("lib-160.jar", { manifest: { "Bundle-Version": "1.60" } })).toEqual(["-:lib:1.60"]);
  expect(identify("lib-161.jar", { manifest })).toEqual(["-:lib:161"]);
  expect(identify("lib-16.jar", { manifest })).toEqual(["-:lib:16"]);
  expect(identify("lib-20160810.jar", { manifest: { "Bundle-Version": "2016.08.10" } })).toEqual(["-:lib:20160810"]);
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
  ["slf4j-ext-1.7.25.jar", "org.slf4j:slf4j-ext:1.7.25"],
  ["jackson-mapper-asl-1.9.13.jar", "org.codehaus.jackson:jackson-mapper-asl:1.9.13"],
  ["jackson-core-asl-1.9.13.jar", "org.codehaus.jackson:jackson-core-asl:1.9.13"],
  ["kafka_2.13-2.8.0.jar", "org.apache.kafka:kafka_2.13:2.8.0"],
  ["org.postgresql.postgresql-42.3.5.jar", "org.postgresql:postgresql:42.3.5"],
  ["org.apache.logging.log4j.log4j-core-2.14.1.jar", "org.apache.logging.log4j:log4j-core:2.14.1"],
  ["org.apache.logging.log4j.log4j-1.2-api-2.14.1.jar", "org.apache.logging.log4j:log4j-1.2-api:2.14.1"],
  ["com.h2database.h2-1.4.200.jar", "com.h2database:h2:1.4.200"],
  ["org.yaml.snakeyaml-1.26.jar", "org.yaml:snakeyaml:1.26"],
  ["io.netty.netty-codec-http-4.1.40.Final.jar", "io.netty:netty-codec-http:4.1.40.Final"],
  ["org.springframework.spring-core-5.3.17.jar", "org.springframework:spring-core:5.3.17"],
  ["org.bouncycastle.bcprov-jdk15on-1.60.jar", "org.bouncycastle:bcprov-jdk15on:1.60"],
  ["mysql.mysql-connector-java-5.1.47.jar", "mysql:mysql-connector-java:5.1.47"],
  ["org.codehaus.groovy.groovy-all-2.4.15.jar", "org.codehaus.groovy:groovy-all:2.4.15"],
  ["org.apache.commons.collections_3.2.1.v2013.jar", "commons-collections:commons-collections:3.2.1.v2013"],
  ["org.eclipse.jgit-5.0.1.jar", "org.eclipse.jgit:org.eclipse.jgit:5.0.1"],
  ["javax.el-3.0.0.jar", "-:javax.el:3.0.0"],
  ["com.example.kafka.clients-1.0.jar", "-:com.example.kafka.clients:1.0"],
])("%s is well known as %s", (fileName, expected) => {
  expect(identify(fileName)).toEqual([expected]);
});

test.each([
  ["cron-utils-9.1.2.jar", { "Bundle-SymbolicName": "com.cronutils.cron-utils" }, "com.cronutils"],
  ["metrics-jvm-3.1.5.jar", { "Bundle-SymbolicName": "io.dropwizard.metrics.jvm" }, "io.dropwizard.metrics"],
  ["parser-1.0.jar", { "Automatic-Module-Name": "com.example.parser" }, "-"],
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
  ["thing-1.0.jar", { "Bundle-SymbolicName": "io.github.thing" }, "-"],
  ["org.example.thing-1.0.jar", { "Bundle-SymbolicName": "org.example.thing" }, "-"],
  [
    "jakarta.activation-1.2.2.jar",
    { "Bundle-SymbolicName": "com.sun.activation.jakarta.activation", "Extension-Name": "jakarta.activation" },
    "com.sun.activation",
  ],
  ["jakarta.transaction-api-1.3.3.jar", { "Extension-Name": "javax.transaction" }, "-"],
  ["thing-1.0.jar", { "Implementation-Vendor-Id": "com.example", "Implementation-Version": "1.0.0" }, "com.example"],
])("the group of %s comes from %o", (fileName, manifest, group) => {
  expect(identify(fileName, { manifest: manifest as Record<string, string> })[0]?.split(":")[0]).toBe(group);
});

test.each([
  ["org.hibernate.hibernate-core", "org.hibernate", { "Implementation-Title": "hibernate-core" }, "hibernate-core"],
  ["org.hibernate.hibernate-core", "org.hibernate", { "Bundle-SymbolicName": "org.hibernate.core" }, "hibernate-core"],
  ["org.eclipse.sisu.inject", "org.eclipse.sisu", {}, "org.eclipse.sisu.inject"],
  ["com.example.thing", "com.example", { "Implementation-Title": "com.example.thing" }, "com.example.thing"],
])("%s of the vendor %s is read with %o as the vendor's %s", (artifact, vendor, manifest, expected) => {
  const whole = { "Implementation-Vendor-Id": vendor, ...(manifest as Record<string, string>) };
  expect(identify(`${artifact}-1.0.jar`, { manifest: whole })).toEqual([`${vendor}:${expected}:1.0`]);
});

test("a name that begins with its vendor's may be an artifact's or have the group before it, and so has no group", () => {
  const manifest = { "Implementation-Vendor-Id": "com.example", "Bundle-SymbolicName": "com.example.thing" };
  expect(identify("com.example.thing-1.0.jar", { manifest })).toEqual(["-:com.example.thing:1.0"]);
});

test.each([
  ["catalina.jar", { "Implementation-Title": "Apache Tomcat" }, "org.apache.tomcat:tomcat-catalina:9.0.30"],
  ["tomcat-util.jar", { "Implementation-Title": "Apache Tomcat" }, "org.apache.tomcat:tomcat-util:9.0.30"],
  ["log4j-core.jar", {}, "org.apache.logging.log4j:log4j-core:9.0.30"],
  ["app.jar", { "Implementation-Title": "My App" }, "-:app:9.0.30"],
  ["app.jar", { "Implementation-Title": "order-service" }, "-:order-service:9.0.30"],
  ["renamed.jar", { "Bundle-SymbolicName": "org.springframework.core" }, "org.springframework:spring-core:9.0.30"],
  [
    "tomcat-embed-core.jar",
    { "Implementation-Title": "Apache Tomcat" },
    "org.apache.tomcat.embed:tomcat-embed-core:9.0.30",
  ],
  [
    "tomcat-embed-el.jar",
    { "Implementation-Title": "Apache Tomcat" },
    "org.apache.tomcat.embed:tomcat-embed-el:9.0.30",
  ],
  ["catalina-tribes.jar", { "Implementation-Title": "Apache Tomcat" }, "org.apache.tomcat:tomcat-tribes:9.0.30"],
  ["tomcat.jar", { "Implementation-Title": "Apache Tomcat" }, "-:tomcat:9.0.30"],
  [
    "renamed.jar",
    { "Bundle-SymbolicName": "org.apache.tomcat-embed-core" },
    "org.apache.tomcat.embed:tomcat-embed-core:9.0.30",
  ],
  ["postgresql.jar", { "Bundle-SymbolicName": "org.postgresql.jdbc" }, "org.postgresql:postgresql:9.0.30"],
  ["thing.jar", { "Implementation-Vendor-Id": "com.example.thing" }, "com.example.thing:thing:9.0.30"],
  ["renamed.jar", { "Implementation-Vendor-Id": "com.example.thing" }, "-:renamed:9.0.30"],
  [
    "renamed.jar",
    { "Implementation-Vendor-Id": "com.example", "Implementation-Title": "thing" },
    "com.example:thing:9.0.30",
  ],
  ["renamed.jar", { "Bundle-SymbolicName": "com.example.thing" }, "-:renamed:9.0.30"],
  ["renamed.jar", { "Bundle-SymbolicName": "io.netty.codec-http" }, "io.netty:netty-codec-http:9.0.30"],
  ["renamed.jar", { "Bundle-SymbolicName": "com.beust.jcommander" }, "com.beust:jcommander:9.0.30"],
  ["renamed.jar", { "Bundle-SymbolicName": "org.apache.commons.lang3" }, "org.apache.commons:commons-lang3:9.0.30"],
  ["renamed.jar", { "Bundle-SymbolicName": "com.google.guava" }, "com.google.guava:guava:9.0.30"],
  ["renamed.jar", { "Bundle-SymbolicName": "com.sun.thing" }, "-:renamed:9.0.30"],
  ["slf4j-api-debian.jar", { "Implementation-Title": "slf4j-api" }, "org.slf4j:slf4j-api:9.0.30"],
  ["thing-debian.jar", { "Implementation-Title": "thing" }, "-:thing:9.0.30"],
  ["zookeeper.jar", { "Bundle-SymbolicName": "org.apache.hadoop.zookeeper" }, "org.apache.zookeeper:zookeeper:9.0.30"],
  ["guava.jar", { "Bundle-SymbolicName": "org.apache.hadoop.other" }, "com.google.guava:guava:9.0.30"],
  ["renamed.jar", { "Bundle-SymbolicName": "org.apache.hadoop.common" }, "org.apache.hadoop:hadoop-common:9.0.30"],
])("%s without a version in its name is read with %o as %s", (fileName, manifest, expected) => {
  expect(identify(fileName, { manifest: { ...manifest, "Implementation-Version": "9.0.30" } })).toEqual([expected]);
});

test("a manifest that was carried over from what was packed into the archive tells nothing of it", () => {
  const poms = [pom("org.example.packed:inner:1.1.1"), pom("com.example:other:4.0")];
  const manifest = {
    "Implementation-Title": "An inner thing",
    "Implementation-Version": "1.1.1",
    "Implementation-Vendor-Id": "org.example.packed",
  };
  const packed = ["org.example.packed:inner:1.1.1", "com.example:other:4.0"];
  expect(identify("shaded-3.3.1.jar", { manifest, poms })).toEqual(["-:shaded:3.3.1", ...packed]);
  expect(identify("shaded.jar", { manifest, poms, hasClasses: true })).toEqual(["-:shaded:", ...packed]);
  expect(identify("hadoop-client-runtime-3.3.1.jar", { manifest, poms })[0]).toBe(
    "org.apache.hadoop:hadoop-client-runtime:3.3.1",
  );
});

test("any version in a manifest that agrees bears it out, and a hash or a date speaks against nothing", () => {
  const vendor = { "Implementation-Vendor-Id": "com.example" };
  const group = (manifest: Record<string, string>) =>
    identify("thing-1.4.2.jar", { manifest: { ...vendor, ...manifest } });
  const own = ["com.example:thing:1.4.2"];
  expect(group({ "Implementation-Version": "7.1", "Bundle-Version": "1.4.2" })).toEqual(own);
  expect(group({ "Implementation-Version": "7.1", "Specification-Version": "1.4" })).toEqual(own);
  for (const version of [
    "20210101",
    "2021-01-01",
    "20210101-1200",
    "7ab12",
    "7ab12c3d4e5f60718293a4b5c6d7e8f901234567",
  ])
    expect(group({ "Implementation-Version": version })).toEqual(own);
  expect(group({ "Implementation-Version": "7.1", "Bundle-Version": "7.1.0" })).toEqual(["-:thing:1.4.2"]);
  expect(group({ "Implementation-Version": "7" })).toEqual(["-:thing:1.4.2"]);
});

test("the version tells the group of a project that has moved", () => {
  const netty = { manifest: { "Bundle-SymbolicName": "org.jboss.netty" } };
  expect(identify("netty-3.2.10.Final.jar", netty)).toEqual(["org.jboss.netty:netty:3.2.10.Final"]);
  expect(identify("netty-3.3.0.Final.jar", netty)).toEqual(["io.netty:netty:3.3.0.Final"]);
  expect(identify("netty-3.10.6.Final.jar", netty)).toEqual(["io.netty:netty:3.10.6.Final"]);
  expect(identify("dom4j-1.6.1.jar")).toEqual(["dom4j:dom4j:1.6.1"]);
  expect(identify("dom4j-2.1.1.jar")).toEqual(["org.dom4j:dom4j:2.1.1"]);
  expect(identify("asm-3.3.1.jar")).toEqual(["asm:asm:3.3.1"]);
  expect(identify("asm-9.4.jar")).toEqual(["org.ow2.asm:asm:9.4"]);
  expect(identify("groovy-all-2.4.15.jar")).toEqual(["org.codehaus.groovy:groovy-all:2.4.15"]);
  expect(identify("groovy-4.0.1.jar")).toEqual(["org.apache.groovy:groovy:4.0.1"]);
});

test("a Jenkins plug-in says what it is", () => {
  const manifest = { "Group-Id": "org.jenkins-ci.plugins", "Short-Name": "git", "Plugin-Version": "4.0" };
  expect(identify("git.jpi", { manifest })).toEqual(["org.jenkins-ci.plugins:git:4.0"]);
});

test("parts of the Java runtime are not packages", () => {
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
  const manifest = { "Bundle-SymbolicName": "com.example.parser" };
  expect(identify("parser.jar", { hasClasses, manifest })).toEqual(["com.example:parser:"]);
  expect(identify("two words.jar", { hasClasses })).toEqual([]);
  expect(identify("rt.jar", { hasClasses, manifest: { "Implementation-Title": "Java Runtime Environment" } })).toEqual(
    [],
  );
});
