import { expect, test } from "vitest";
import { isArchivePath, parseArchiveName } from "./archive-name.ts";

test.each([
  ["commons-lang3-3.11.jar", "commons-lang3", "3.11"],
  ["guava-27.0-jre.jar", "guava", "27.0-jre"],
  ["netty-all-4.1.58.Final.jar", "netty-all", "4.1.58.Final"],
  ["zstd-jni-1.3.8-5.jar", "zstd-jni", "1.3.8-5"],
  ["java-cup-runtime-11b-20160615.jar", "java-cup-runtime", "11b-20160615"],
  ["log4j-1.2-api-2.17.1.jar", "log4j-1.2-api", "2.17.1"],
  ["akka-actor_2.13-2.6.1.jar", "akka-actor_2.13", "2.6.1"],
  ["app-1.0-SNAPSHOT.jar", "app", "1.0-SNAPSHOT"],
  ["app-1.0-20200101.120000-1.war", "app", "1.0-20200101.120000-1"],
  ["tool-1.0-beta-2.1.jar", "tool", "1.0-beta-2.1"],
  ["lib-2.jar", "lib", "2"],
  ["lib-2-sources.jar", "lib", "2"],
  ["lib-1.5-jar-with-dependencies.JAR", "lib", "1.5"],
  ["netty-tcnative-2.0.36.Final-linux-x86_64.jar", "netty-tcnative", "2.0.36.Final"],
  ["org.eclipse.core.runtime_3.7.0.v20110110.jar", "org.eclipse.core.runtime", "3.7.0.v20110110"],
  ["level-3-jar.jar", "level-3-jar", undefined],
  ["catalina.jar", "catalina", undefined],
  ["guava-r09.jar", "guava-r09", undefined],
  ["1.2.jar", "1.2", undefined],
])("%s is %s of version %s", (fileName, artifact, version) => {
  expect(parseArchiveName(fileName)).toEqual(version === undefined ? { artifact } : { artifact, version });
});

test("a name that is only an extension, or too long, says nothing", () => {
  expect(parseArchiveName(".jar")).toBeUndefined();
  expect(parseArchiveName(`${"a-1".repeat(100)}.jar`)).toBeUndefined();
});

test("archives are known by their last extension, in any case", () => {
  expect(["a.jar", "b/A.WAR", "c.jar.jpi", "d.lpkg"].every(isArchivePath)).toBe(true);
  expect(["a.jar.txt", "jar", "a.jarx", "b.jar/"].some(isArchivePath)).toBe(false);
});
