import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ContentFolder, makeContent, runProgram } from "./content-folder.ts";

/** The content that the bench's images are made of: Debian packages, npm packages and PyPI packages of stated versions. */
export interface Content {
  /** A small Debian system, about 80 MB. */
  readonly base: string;
  /** The same system with more packages; their difference is a layer. */
  readonly tools: string;
  /** Folders named `node_modules`. */
  readonly npm: { readonly small: string; readonly large: string };
  /** Folders as `site-packages`. */
  readonly python: { readonly small: string; readonly large: string };
}

/** Makes all of it below a folder, from the registries that the programs are set up for; what is there is taken. */
export function makeAllContent(folder: string): Content {
  const place = (name: string): string => join(folder, "content", name);
  return {
    base: makeContent(debian(place("debian-base"), [])),
    tools: makeContent(debian(place("debian-tools"), debianTools)),
    npm: {
      small: makeContent(npm(place("npm-small"), npmSmall)),
      large: makeContent(npm(place("npm-large"), npmLarge)),
    },
    python: {
      small: makeContent(python(place("python-small"), pythonSmall)),
      large: makeContent(python(place("python-large"), pythonLarge)),
    },
  };
}

const release = "bookworm";
const debianTools = ["ca-certificates", "curl", "git", "openssl", "procps", "python3"];
const npmSmall = [
  "axios@1.21.1",
  "express@5.3.0",
  "fastify@5.12.8",
  "lodash@4.18.1",
  "react@19.3.1",
  "typescript@7.0.2",
];
const npmLarge = [
  ...["@angular/cli@22.2.7", "@angular/core@22.2.6", "aws-sdk@2.1693.0", "eslint@10.15.0", "firebase-admin@14.5.1"],
  ...["jest@30.5.2", "mongoose@9.12.1", "prisma@7.10.1", "sequelize@6.37.8", "three@0.187.0", "webpack@5.113.0"],
];
const pythonSmall = [
  ...["celery==5.7.0", "cryptography==50.0.2", "django==5.2.19", "flask==3.1.3", "jinja2==3.1.6", "numpy==2.4.6"],
  ...["pandas==3.1.1", "requests==2.34.2", "sqlalchemy==2.1.9"],
];
const pythonLarge = [
  ...["fastapi==0.165.0", "matplotlib==3.11.2", "opencv-python-headless==5.0.0.93", "pandas==3.1.1", "pyarrow==26.0.1"],
  ...["scikit-learn==1.9.1", "scipy==1.17.1", "transformers==5.24.0"],
];

/** What slim images leave out, and what a container gets from its engine. */
const leftOut = ["dev", "proc", "sys", "tmp", "usr/share/info", "usr/share/locale", "usr/share/man"];
const emptied = ["var/cache", "var/lib/apt/lists", "var/log"];

function debian(path: string, packages: readonly string[]): ContentFolder {
  return {
    path,
    needs: ["debootstrap", "unshare"],
    fill(root) {
      const include = packages.length > 0 ? [`--include=${packages.join(",")}`] : [];
      // It mounts /proc and /sys in the folder; in a mount namespace of its own they go away with it.
      runProgram("unshare", ["--mount", "debootstrap", "--variant=minbase", ...include, release, root]);
      for (const name of [...leftOut, ...emptied]) rmSync(join(root, name), { recursive: true, force: true });
    },
  };
}

function npm(path: string, packages: readonly string[]): ContentFolder {
  return {
    path,
    needs: ["npm"],
    fill(folder) {
      writeFileSync(join(folder, "package.json"), '{ "name": "bench", "version": "1.0.0", "private": true }\n');
      const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
      runProgram("npm", ["install", ...quiet, ...packages], { cwd: folder });
    },
  };
}

function python(path: string, packages: readonly string[]): ContentFolder {
  return {
    path,
    needs: ["python3"],
    fill(folder) {
      const machine = ["manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"];
      const wheels = [
        "--only-binary=:all:",
        "--python-version",
        "3.11",
        ...machine.flatMap((name) => ["--platform", name]),
      ];
      const quiet = ["--quiet", "--no-compile", "--disable-pip-version-check", "--root-user-action", "ignore"];
      runProgram("python3", ["-m", "pip", "install", ...quiet, ...wheels, "--target", folder, ...packages]);
    },
  };
}
