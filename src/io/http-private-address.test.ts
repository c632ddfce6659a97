import { expect, test } from "vitest";
import { isOwnAddress, isOwnHost, isPrivateAddress, isPrivateHost } from "./http-private-address.ts";

test.each([
  "0.0.0.0",
  "10.255.255.255",
  "100.64.0.1",
  "127.1.2.3",
  "168.63.129.16",
  "169.254.169.254",
  "172.31.0.1",
  "192.168.1.1",
  "198.19.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "fc00::1",
  "fdff::",
  "fe80::1%eth0",
  "fec0::1",
  "ff02::1",
  "::ffff:10.0.0.1",
  "::ffff:7f00:1",
  "::ffff:0:169.254.169.254",
  "::127.0.0.1",
  "64:ff9b::192.168.0.1",
  "64:ff9b:1::1",
  "2002:a00:1::",
])("%s is not on the public internet", (address) => {
  expect(isPrivateAddress(address)).toBe(true);
});

test.each([
  "1.1.1.1",
  "9.255.255.255",
  "11.0.0.0",
  "172.32.0.1",
  "192.167.255.255",
  "168.63.129.15",
  "223.255.255.255",
  "2606:4700::1",
  "::ffff:8.8.8.8",
  "::ffff:0:8.8.8.8",
  "64:ff9b::8.8.8.8",
  "2002:808:808::",
  "example.org",
  "",
])("%j is on it, or no address", (address) => {
  expect(isPrivateAddress(address)).toBe(false);
});

test.each(["localhost", "LOCALHOST.", "registry.localhost", "127.0.0.1", "[::1]", "169.254.169.254"])(
  "the host %s is not on the public internet",
  (host) => {
    expect(isPrivateHost(new URL(`http://${host}/`).hostname)).toBe(true);
  },
);

test.each(["example.org", "localhost.example.org", "8.8.8.8", "[2606:4700::1]"])("the host %s may be", (host) => {
  expect(isPrivateHost(new URL(`http://${host}/`).hostname)).toBe(false);
});

test.each([
  "0.0.0.0",
  "127.0.1.1",
  "169.254.169.254",
  "168.63.129.16",
  "::",
  "::1",
  "fe80::1%eth0",
  "::ffff:127.0.0.1",
  "100.100.100.200",
  "192.0.0.192",
  "fd00:ec2::23",
  "fd00:ec2::254",
  "fd20:ce::254",
  "::ffff:100.100.100.200",
])("%s leads each machine elsewhere", (address) => {
  expect(isOwnAddress(address)).toBe(true);
  expect(isPrivateAddress(address)).toBe(true);
});

test.each([
  "10.0.0.1",
  "192.168.1.1",
  "100.64.0.1",
  "100.100.100.201",
  "192.0.0.193",
  "fd00::1",
  "fd00:ec2::253",
  "::ffff:10.0.0.1",
  "8.8.8.8",
  "example.org",
])("%s is the same for all of a network, or no address", (address) => {
  expect(isOwnAddress(address)).toBe(false);
});

test("this machine by its names is its own host", () => {
  const hosts = ["localhost", "registry.LOCALHOST.", "[::1]", "127.1"].map((host) => new URL(`http://${host}/`));
  for (const { hostname } of hosts) expect(isOwnHost(hostname)).toBe(true);
  for (const host of ["gitlab.lan", "10.0.0.1", "[fd00::1]"]) expect(isOwnHost(host)).toBe(false);
});
