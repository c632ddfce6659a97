import { describeExtractor } from "../../conformance.ts";
import { opkg } from "./opkg.ts";

const status = [
  ...["Package: ubus", "Version: 2024.10.20~252a9b0c-r1", "Status: install user installed", "Architecture: x86_64", ""],
  ...["Package: gone", "Version: 1", "Status: deinstall ok config-files", ""],
].join("\n");

describeExtractor(opkg, [
  {
    path: "usr/lib/opkg/status",
    bytes: bytesOf(status),
    expected: [
      {
        kind: "package",
        package: { type: "opkg", name: "ubus", version: "2024.10.20~252a9b0c-r1", architecture: "x86_64" },
      },
    ],
  },
  {
    path: "var/lib/opkg/info/ubus.list",
    bytes: bytesOf("/sbin/ubusd\n/bin/ubus\n"),
    expected: [{ kind: "ownership", owner: { type: "opkg", name: "ubus" }, paths: ["sbin/ubusd", "bin/ubus"] }],
  },
]);

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
