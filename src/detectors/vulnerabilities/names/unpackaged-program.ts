import type { Package } from "../../../model/packages/package.ts";

/** Programs in package URLs of type `generic`, and the components of Bitnami that are the same program. */
const components: ReadonlyMap<string, string> = new Map([
  ["arangodb", "arangodb"],
  ["consul", "consul"],
  ["drupal", "drupal"],
  ["envoy", "envoy"],
  ["fluent-bit", "fluent-bit"],
  ["git", "git"],
  ["go", "golang"],
  ["graalvm", "java"],
  ["grafana", "grafana"],
  ["haproxy", "haproxy"],
  ["helm", "helm"],
  ["httpd", "apache"],
  ["jdk", "java"],
  ["jre", "java"],
  ["mariadb", "mariadb"],
  ["memcached", "memcached"],
  ["mongodb", "mongodb"],
  ["moodle", "moodle"],
  ["nginx", "nginx"],
  ["node", "node"],
  ["openjdk", "java"],
  ["openldap", "openldap"],
  ["php", "php"],
  ["postgresql", "postgresql"],
  ["python", "python"],
  ["rabbitmq", "rabbitmq"],
  ["redis", "redis"],
  ["ruby", "ruby"],
  ["valkey", "valkey"],
  ["vault", "vault"],
  ["wordpress", "wordpress"],
  ["wp-cli", "wp-cli"],
]);

/**
 * The name and version under which Bitnami's records keep a program that no package manager knows; undefined when they
 * do not have it. Bitnami packs releases as they are, so that its records are about any copy of the program.
 *
 * - Java before 9 is `8.0.352` there, not `1.8.0_352-b08`;
 * - a version before a release is `3.12.0-rc1`, not `3.12.0rc1`;
 * - the patch level of a Ruby release (`2.7.8p225`) and the plus of a later working copy of Python are left out there.
 */
export function bitnamiComponent({ name, version }: Package): { name: string; version: string } | undefined {
  const component = components.get(name);
  if (component === undefined) return undefined;
  const [, major, update] = /^1\.(\d)\.0_(\d+)/.exec(version) ?? [];
  if (component === "java" && update !== undefined) return { name: component, version: `${major}.0.${update}` };
  const [, before, mark] = /^(\d+(?:\.\d+){0,2})((?:a|b|rc|alpha|beta|RC|preview)\d+)$/.exec(version) ?? [];
  if (before !== undefined) return { name: component, version: `${before}-${mark}` };
  return { name: component, version: version.replace(/(?<=\d)(?:p\d+|\+)$/, "") };
}
