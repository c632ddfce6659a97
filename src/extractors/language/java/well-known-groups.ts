/**
 * The Maven group of an artifact that is so well known that its name alone identifies the group: only names that one
 * group has used for many years and that no other group uses. Undefined for all others. The version tells where a
 * project has moved.
 */
export function wellKnownGroup(artifact: string, version?: string): string | undefined {
  return groupBefore(artifact, version) ?? groupOf.get(artifact);
}

/** The well-known group of an artifact, else that of its family. Undefined where it has neither. */
export function knownGroup(artifact: string, version?: string): string | undefined {
  return wellKnownGroup(artifact, version) ?? familyGroup(artifact);
}

/** The group under which a project published before it moved. */
function groupBefore(artifact: string, version = ""): string | undefined {
  const major = Number(/^\d+/.exec(version)?.[0] ?? Number.POSITIVE_INFINITY);
  if (artifact === "netty") return /^(?:[012]|3\.[0-2])(?!\d)/.test(version) ? "org.jboss.netty" : undefined;
  if (artifact === "dom4j") return major < 2 ? "dom4j" : undefined;
  if (groupOf.get(artifact) === "org.ow2.asm") return major < 4 ? "asm" : undefined;
  if (groupOf.get(artifact) === "org.apache.groovy") return major < 4 ? "org.codehaus.groovy" : undefined;
  return undefined;
}

/**
 * The Maven group under whose prefix an artifact is named (`spring-boot-…`). Others extend such families under their
 * own groups, so what an archive says itself goes first.
 */
export function familyGroup(artifact: string): string | undefined {
  return families.find(([prefix]) => artifact.startsWith(prefix))?.[1];
}

/**
 * The artifact of one of the archives of a Tomcat server, which lie there under shorter names (`catalina`), and of one
 * that is named as its artifact. Undefined for other names.
 */
export function tomcatArtifact(base: string): string | undefined {
  if (familyGroup(base)?.startsWith("org.apache.tomcat")) return base;
  return shortTomcatNames.has(base)
    ? `tomcat-${base.replace(/^catalina-(?=ssi$|storeconfig$|tribes$)/, "")}`
    : undefined;
}

const shortTomcatNames: ReadonlySet<string> = new Set([
  "annotations-api",
  "catalina",
  "catalina-ant",
  "catalina-ha",
  "catalina-ssi",
  "catalina-storeconfig",
  "catalina-tribes",
  "coyote",
  "el-api",
  "jasper",
  "jasper-el",
  "jaspic-api",
  "jsp-api",
  "juli",
  "servlet-api",
  "websocket-api",
  "websocket-client-api",
]);

const artifactsOf: Readonly<Record<string, readonly string[]>> = {
  antlr: ["antlr"],
  "ch.qos.logback": ["logback-access", "logback-classic", "logback-core"],
  "com.alibaba": ["druid", "fastjson"],
  "com.beust": ["jcommander"],
  "com.fasterxml.jackson.core": ["jackson-annotations", "jackson-core", "jackson-databind"],
  "com.github.ben-manes.caffeine": ["caffeine"],
  "com.google.code.gson": ["gson"],
  "com.google.guava": ["guava"],
  "com.google.protobuf": ["protobuf-java", "protobuf-java-util"],
  "com.h2database": ["h2"],
  "com.jayway.jsonpath": ["json-path"],
  "com.mchange": ["c3p0"],
  "com.mysql": ["mysql-connector-j"],
  "com.nimbusds": ["nimbus-jose-jwt"],
  "com.thoughtworks.xstream": ["xstream"],
  "commons-beanutils": ["commons-beanutils"],
  "commons-cli": ["commons-cli"],
  "commons-codec": ["commons-codec"],
  "commons-collections": ["commons-collections"],
  "commons-configuration": ["commons-configuration"],
  "commons-dbcp": ["commons-dbcp"],
  "commons-digester": ["commons-digester"],
  "commons-fileupload": ["commons-fileupload"],
  "commons-httpclient": ["commons-httpclient"],
  "commons-io": ["commons-io"],
  "commons-jxpath": ["commons-jxpath"],
  "commons-lang": ["commons-lang"],
  "commons-logging": ["commons-logging"],
  "commons-net": ["commons-net"],
  "commons-pool": ["commons-pool"],
  "commons-validator": ["commons-validator"],
  "io.netty": ["netty"],
  "io.undertow": ["undertow-core", "undertow-servlet", "undertow-websockets-jsr"],
  junit: ["junit"],
  log4j: ["log4j"],
  mysql: ["mysql-connector-java"],
  "net.java.dev.jna": ["jna", "jna-platform"],
  "net.minidev": ["json-smart"],
  "org.apache.activemq": ["activemq-broker", "activemq-client", "activemq-openwire-legacy"],
  "org.apache.commons": [
    "commons-collections4",
    "commons-compress",
    "commons-configuration2",
    "commons-csv",
    "commons-dbcp2",
    "commons-email",
    "commons-exec",
    "commons-lang3",
    "commons-math3",
    "commons-pool2",
    "commons-text",
    "commons-vfs2",
  ],
  "org.apache.groovy": ["groovy", "groovy-all"],
  "org.apache.httpcomponents": ["httpasyncclient", "httpclient", "httpcore", "httpcore-nio", "httpmime"],
  "org.apache.httpcomponents.client5": ["httpclient5"],
  "org.apache.httpcomponents.core5": ["httpcore5", "httpcore5-h2"],
  "org.apache.kafka": ["kafka-clients"],
  "org.apache.logging.log4j": [
    "log4j-1.2-api",
    "log4j-api",
    "log4j-core",
    "log4j-jcl",
    "log4j-jul",
    "log4j-slf4j-impl",
    "log4j-slf4j2-impl",
    "log4j-web",
  ],
  "org.apache.pdfbox": ["pdfbox"],
  "org.apache.poi": ["poi", "poi-ooxml", "poi-scratchpad"],
  "org.apache.solr": ["solr-core", "solr-solrj"],
  "org.apache.tomcat.embed": ["tomcat-embed-core", "tomcat-embed-el", "tomcat-embed-jasper", "tomcat-embed-websocket"],
  "org.apache.velocity": ["velocity", "velocity-engine-core"],
  "org.apache.zookeeper": ["zookeeper", "zookeeper-jute"],
  "org.aspectj": ["aspectjrt", "aspectjtools", "aspectjweaver"],
  "org.checkerframework": ["checker-compat-qual", "checker-qual"],
  "org.codehaus.jackson": ["jackson-core-asl", "jackson-mapper-asl"],
  "org.dom4j": ["dom4j"],
  "org.elasticsearch": ["elasticsearch"],
  "org.freemarker": ["freemarker"],
  "org.hamcrest": ["hamcrest", "hamcrest-core", "hamcrest-library"],
  "org.jdom": ["jdom2"],
  "org.jetbrains.kotlin": ["kotlin-reflect", "kotlin-stdlib", "kotlin-stdlib-jdk7", "kotlin-stdlib-jdk8"],
  "org.json": ["json"],
  "org.jsoup": ["jsoup"],
  "org.ow2.asm": ["asm", "asm-analysis", "asm-commons", "asm-tree", "asm-util"],
  "org.postgresql": ["postgresql"],
  "org.python": ["jython", "jython-standalone"],
  "org.quartz-scheduler": ["quartz"],
  "org.slf4j": ["jcl-over-slf4j", "jul-to-slf4j", "log4j-over-slf4j", "slf4j-api", "slf4j-log4j12", "slf4j-simple"],
  "org.springframework": [
    "spring-aop",
    "spring-aspects",
    "spring-beans",
    "spring-context",
    "spring-context-support",
    "spring-core",
    "spring-expression",
    "spring-instrument",
    "spring-jcl",
    "spring-jdbc",
    "spring-jms",
    "spring-messaging",
    "spring-orm",
    "spring-oxm",
    "spring-r2dbc",
    "spring-test",
    "spring-tx",
    "spring-web",
    "spring-webflux",
    "spring-webmvc",
    "spring-websocket",
  ],
  "org.thymeleaf": ["thymeleaf"],
  "org.yaml": ["snakeyaml"],
  "redis.clients": ["jedis"],
  xalan: ["xalan"],
  xerces: ["xercesImpl"],
};

const groupOf: ReadonlyMap<string, string> = new Map(
  Object.entries(artifactsOf).flatMap(([group, artifacts]) => artifacts.map((artifact) => [artifact, group] as const)),
);

/** Artifacts of one prefix and one group, the longer prefix first. */
const families: readonly (readonly [string, string])[] = [
  ["batik-", "org.apache.xmlgraphics"],
  ["bcpkix-jdk", "org.bouncycastle"],
  ["bcprov-jdk", "org.bouncycastle"],
  ["grpc-", "io.grpc"],
  ["hadoop-shaded-", "org.apache.hadoop.thirdparty"],
  ["hadoop-", "org.apache.hadoop"],
  ["jackson-dataformat-", "com.fasterxml.jackson.dataformat"],
  ["jackson-datatype-", "com.fasterxml.jackson.datatype"],
  ["jackson-module-", "com.fasterxml.jackson.module"],
  ["kafka_2.", "org.apache.kafka"],
  ["lucene-", "org.apache.lucene"],
  ["netty-", "io.netty"],
  ["org.eclipse.jgit", "org.eclipse.jgit"],
  ["org.eclipse.sisu.", "org.eclipse.sisu"],
  ["shiro-", "org.apache.shiro"],
  ["slf4j-", "org.slf4j"],
  ["spring-boot", "org.springframework.boot"],
  ["spring-cloud-", "org.springframework.cloud"],
  ["spring-data-", "org.springframework.data"],
  ["spring-security-", "org.springframework.security"],
  ["struts2-", "org.apache.struts"],
  ["tika-", "org.apache.tika"],
  ["tomcat-embed-", "org.apache.tomcat.embed"],
  ["tomcat-", "org.apache.tomcat"],
];
