import { expect, test } from "vitest";
import { watchOf } from "./audit-watch.ts";

test.each([
  ["-w /usr/bin/dockerd -p wa -k docker", "/usr/bin/dockerd"],
  ["-w /usr/bin/dockerd", "/usr/bin/dockerd"],
  ["-w /etc/docker/ -p wa", "/etc/docker"],
  ["-w /etc/docker -p wa", "/etc/docker/daemon.json"],
  ["-a always,exit -F path=/usr/bin/runc -F perm=wa -k docker", "/usr/bin/runc"],
  ["-a exit,always -F path=/usr/bin/runc -k docker", "/usr/bin/runc"],
  ["-a always,exit -F dir=/var/lib/docker -F perm=wa", "/var/lib/docker/image"],
  ["-a always,exit -F exe=/usr/bin/runc -S execve", "/usr/bin/runc"],
  ["-w /var/run/docker.sock -p wa", "/run/docker.sock"],
  ["-w /lib/systemd/system/docker.service -p wa", "/usr/lib/systemd/system/docker.service"],
])("%s watches %s", (rule, path) => {
  expect(watchOf(["-D", "-b 8192", rule], path)).toBe(rule);
});

test.each([
  ["-w /usr/bin/dockerd2 -p wa", "/usr/bin/dockerd"],
  ["-w /usr/bin/docker -p wa", "/usr/bin/dockerd"],
  ["-w /usr/bin/dockerd -p r", "/usr/bin/dockerd"],
  ["-a never,exit -F path=/usr/bin/dockerd", "/usr/bin/dockerd"],
  ["-a always,exclude -F path=/usr/bin/dockerd", "/usr/bin/dockerd"],
  ["-a always,exit -F path=/etc/docker", "/etc/docker/daemon.json"],
  ["-a always,exit -S mount -k mounts", "/usr/bin/dockerd"],
  ["-w", "/usr/bin/dockerd"],
])("%s does not watch %s", (rule, path) => {
  expect(watchOf([rule], path)).toBeUndefined();
});
