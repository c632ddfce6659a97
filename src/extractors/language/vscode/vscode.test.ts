import { describeExtractor } from "../../conformance.ts";
import { vscode } from "./vscode.ts";

const manifest = `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="python" Version="2024.2.1" Publisher="ms-python" TargetPlatform="linux-x64"/>
  </Metadata>
</PackageManifest>`;

describeExtractor(vscode, [
  {
    path: "home/dev/.vscode-server/extensions/ms-python.python-2024.2.1/.vsixmanifest",
    bytes: new TextEncoder().encode(manifest),
    expected: [
      { kind: "package", package: { type: "vscode-extension", name: "ms-python.python", version: "2024.2.1" } },
    ],
  },
]);
