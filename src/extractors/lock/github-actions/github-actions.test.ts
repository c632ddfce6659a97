import { describeExtractor } from "../../conformance.ts";
import { githubActions } from "./github-actions.ts";

const lines = [
  "jobs:",
  "  build:",
  "    steps:",
  "      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2",
  "      - name: b",
  '        uses: "github/codeql-action/init@v3"',
  "      - uses: ./.github/actions/own",
  "      - uses: docker://alpine:3",
  "      - run: |",
  "          uses: not/an-action@v1",
  "      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2",
  "  call:",
  "    uses: octo/shared/.github/workflows/a.yml@11bd71901bbe5b1630ceea73d27597364c9af683",
];

describeExtractor(githubActions, [
  {
    path: ".github/workflows/ci.yml",
    bytes: new TextEncoder().encode(lines.join("\n")),
    expected: [
      {
        kind: "package",
        package: {
          type: "github",
          name: "actions/checkout",
          version: "v4.2.2",
          declaration: { line: 4, relation: "direct" },
        },
      },
      {
        kind: "package",
        package: {
          type: "github",
          name: "github/codeql-action",
          version: "v3",
          declaration: { line: 6, relation: "direct" },
        },
      },
      {
        kind: "package",
        package: {
          type: "github",
          name: "octo/shared",
          version: "11bd71901bbe5b1630ceea73d27597364c9af683",
          declaration: { line: 13, relation: "direct" },
        },
      },
    ],
  },
]);
