import type { Program } from "./program.ts";

/** Databases, web servers, proxies and other services, with their clients. */
export const servers: readonly Program[] = [
  {
    name: "postgresql",
    files: ["postgres", "psql"],
    texts: [
      { near: "PostgreSQL ", version: /PostgreSQL (\d+(?:\.\d+){0,2}(?:(?:alpha|beta|rc)\d+)?)(?: on | \([A-Z])/ },
      { near: "(PostgreSQL) ", version: /\(PostgreSQL\) (\d+(?:\.\d+){0,2}(?:(?:alpha|beta|rc)\d+)?)[\s\0]/ },
    ],
  },
  {
    name: "mariadb",
    files: ["mariadb", "mariadbd", "mariadb-dump", "mysql", "mysqld"],
    texts: [
      { near: "-MariaDB", version: /(\d{1,2}\.\d{1,2}\.\d{1,3})-MariaDB/ },
      { near: "/mariadb-", version: /\/mariadb-(\d+\.\d+\.\d+)[-/]/ },
    ],
  },
  {
    name: "percona-server",
    files: ["mysql", "mysqld"],
    texts: [{ near: "/percona-server-", version: /\/percona-server-(\d+\.\d+\.\d+)/ }],
  },
  {
    name: "percona-xtrabackup",
    files: ["xtrabackup"],
    texts: [{ near: "/percona-xtrabackup-", version: /\/percona-xtrabackup-(\d+\.\d+\.\d+)-/ }],
  },
  {
    name: "mysql-cluster",
    files: ["ndbd", "ndbmtd"],
    texts: [{ near: "/mysql-cluster-gpl-", version: /\/mysql-cluster-gpl-(\d+\.\d+\.\d+)\// }],
  },
  {
    name: "mysql-server",
    files: ["mysqld"],
    texts: [{ near: "/mysql-", version: /\/mysql-(\d+\.\d+\.\d+)\// }],
  },
  {
    name: "mysql",
    files: ["mysql"],
    texts: [
      { near: "/mysql-", version: /\/mysql-(\d+\.\d+\.\d+)\// },
      { near: "mysql_real_escape_string", version: /\0(\d+\.\d+\.\d+)\0{1,40}mysql_real_escape_string/ },
    ],
  },
  {
    name: "arangodb",
    files: ["arangod", "arangosh"],
    texts: [{ near: " [linux]\0", version: /\0(\d+\.\d+\.\d+(?:-\d+)?)(?: enterprise)? \[linux\]\0/ }],
  },
  {
    name: "valkey",
    files: ["valkey-server"],
    texts: [
      {
        near: "000000000\0",
        version: /valkey(\d+\.\d+\.\d{1,3}?)(?:[0-9a-f]{12}|[a-z][\w.-]{0,60})-\d{10}0{9}\0/,
      },
    ],
  },
  {
    // Before the name of the machine that built it stands the version, without anything between the two.
    name: "redis",
    files: ["redis-server"],
    texts: [
      { near: "Redis version ", version: /Redis version (\d+\.\d+\.\d+)/ },
      { near: "000000000\0", version: /\W(\d+\.\d+\.\d{1,3}?)(?:[0-9a-f]{12}|[a-z][\w.-]{0,60})-\d{10}0{9}\0/ },
    ],
  },
  {
    name: "memcached",
    files: ["memcached"],
    texts: [{ near: "memcached ", version: /\0memcached (\d+\.\d+\.\d+)[\0\n]/ }],
  },
  {
    name: "nginx",
    files: ["nginx", "nginx-debug", "openresty"],
    texts: [{ near: "nginx version: ", version: /nginx version: (?:nginx|openresty)\/(\d+\.\d+\.\d+)/ }],
  },
  {
    name: "httpd",
    files: ["httpd", "apache2"],
    texts: [{ near: "Apache/", version: /Apache\/(\d+\.\d+\.\d+)/ }],
  },
  {
    name: "lighttpd",
    files: ["lighttpd"],
    texts: [{ near: "lighttpd/", version: /lighttpd\/(\d+\.\d+\.\d+)/ }],
  },
  {
    name: "haproxy",
    files: ["haproxy"],
    texts: [
      { near: "Proxy version ", version: /HA-?Proxy version (\d+\.\d+(?:\.\d+|-dev\d+))/ },
      {
        near: "HAProxy version follows",
        version: /\0(\d+\.\d+(?:\.\d+|-dev\d+))(?:-[0-9a-f]{6,12})?\0{1,40}HAProxy version follows/,
      },
    ],
  },
  {
    name: "openldap",
    files: ["slapd", "ldapsearch", "ldapadd", "ldapmodify"],
    texts: [{ near: "$OpenLDAP: ", version: /\$OpenLDAP: [\w-]{1,30} (\d+\.\d+\.\d+) / }],
  },
  {
    name: "fluent-bit",
    files: ["fluent-bit"],
    texts: [{ near: "Fluent Bit v%s", version: /\0(\d+\.\d+\.\d+)\0[^\w.]{0,16}(?:1m\0%s)?Fluent Bit v%s/ }],
  },
  {
    // The version of a release in the branch that its program was built from.
    name: "grafana",
    files: ["grafana", "grafana-server"],
    texts: [{ near: "release-", version: /\0release-(\d+\.\d+\.\d+)(?:\+[\w-]{1,40})?\0/ }],
  },
  {
    name: "consul",
    files: ["consul"],
    texts: [{ near: "CONSUL_VERSION: ", version: /CONSUL_VERSION: (\d+\.\d+\.\d+(?:-[\w.]+)?)/ }],
  },
];
