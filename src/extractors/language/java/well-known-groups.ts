/**
 * The Maven group of an artifact that is so well known that its name alone tells the group: only names that one group has
 * used for many years and that nobody else uses. Undefined for all others. The version tells where a project has moved.
 */
export function wellKnownGroup(artifact: string, version?: string): string | undefined {
  if (artifact === "dom4j") return version?.startsWith("1.") ? "dom4j" : "org.dom4j";
  return groupOf.get(artifact);
}

/**
 * The Maven group under whose prefix an artifact is named (`spring-boot-…`). Others extend such families under their own
 * groups, so what an archive says itself goes first.
 */
export function familyGroup(artifact: string): string | undefined {
  return families.find(([prefix]) => artifact.startsWith(prefix))?.[1];
}

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
  "org.apache.velocity": ["velocity", "velocity-engine-core"],
  "org.apache.zookeeper": ["zookeeper", "zookeeper-jute"],
  "org.checkerframework": ["checker-compat-qual", "checker-qual"],
  "org.freemarker": ["freemarker"],
  "org.json": ["json"],
  "org.jsoup": ["jsoup"],
  "org.ow2.asm": ["asm", "asm-analysis", "asm-commons", "asm-tree", "asm-util"],
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
  ["jackson-dataformat-", "com.fasterxml.jackson.dataformat"],
  ["jackson-datatype-", "com.fasterxml.jackson.datatype"],
  ["jackson-module-", "com.fasterxml.jackson.module"],
  ["lucene-", "org.apache.lucene"],
  ["netty-", "io.netty"],
  ["shiro-", "org.apache.shiro"],
  ["spring-boot", "org.springframework.boot"],
  ["spring-cloud-", "org.springframework.cloud"],
  ["spring-data-", "org.springframework.data"],
  ["spring-security-", "org.springframework.security"],
  ["struts2-", "org.apache.struts"],
  ["tika-", "org.apache.tika"],
  ["tomcat-embed-", "org.apache.tomcat.embed"],
  ["tomcat-", "org.apache.tomcat"],
];
