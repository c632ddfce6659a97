import { isJsonObject, parseJson } from "../../../model/objects/json-object.ts";
import type { Extractor } from "../../extractor.ts";
import { readText } from "../read-text.ts";

// Red Hat's builds leave a JSON object in the image for each of its steps, in root/buildinfo/content_manifests/ or,
// since 2024, in usr/share/buildinfo/:
//
//   {"metadata": {…}, "content_sets": ["rhel-9-for-x86_64-baseos-rpms", …], "image_contents": […]}
//
// Beside it lies labels.json, an object without content_sets. A list of none may be written as null.

/** More content sets than a build has; a bound on what a file can put into a report. */
const mostRepositories = 1000;
const repositoryName = /^[\w.+-]{1,256}$/;

/** Reads from which repositories an image of Red Hat was built. */
export const contentManifest: Extractor = {
  id: "os/content-manifest",
  revision: 2,
  files: [
    { directory: "root/buildinfo/content_manifests", suffixes: [".json"] },
    { directory: "usr/share/buildinfo", suffixes: [".json"] },
  ],
  *extract(file, context) {
    const text = readText(file, context);
    if (text === undefined) return;
    const { path } = file;
    const refuse = (what: string): void => {
      const message = `${what}, so the repositories of the image could not be identified`;
      context.problem({ code: "unreadable", message, path });
    };
    const document = parseJson(text);
    if (!isJsonObject(document)) return refuse(`${path} is not a JSON object`);
    const sets = document["content_sets"] ?? [];
    if (!Array.isArray(sets)) return refuse(`content_sets in ${path} is not a list`);
    const names = sets.filter((name) => typeof name === "string" && repositoryName.test(name));
    if (names.length < sets.length) {
      const message = `${sets.length - names.length} content sets in ${path} are not repository names`;
      context.problem({ code: "unreadable", message, path });
    }
    const repositories = [...new Set<string>(names)];
    if (repositories.length > mostRepositories) {
      context.problem({
        code: "limit-exceeded",
        message: `${path} has more than ${mostRepositories} content sets`,
        path,
      });
    }
    if (repositories.length > 0)
      yield { kind: "repositories", repositories: repositories.slice(0, mostRepositories).sort() };
  },
};
