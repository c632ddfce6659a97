import { objectIn, textIn, textsIn } from "../../model/objects/json-members.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { type ImageReference, parseReference } from "../../model/packages/reference.ts";

/**
 * `NAME@sha256:…` for each repository that is known to have an image, from an engine's description of the image with
 * this id; `sha256:…` alone for a repository of which the name is not certain.
 *
 * Where an engine stores images with containerd, `RepoDigests` is made of every local tag, pushed or not, and the id,
 * which is the digest of the manifest or index. From API 1.53 on, `Identity.Pull` lists the repositories that the image
 * was pulled from or pushed to, with hosts without their ports; before, they are unknown. A host that is then one word
 * is taken for the beginning of a repository of Docker Hub there. Tags say which port it was, unless several could be
 * meant. In other engines a push or a pull makes an entry of `RepoDigests`, and the id is that of the config, which no
 * registry names an image by.
 *
 * Source: Docker Engine API 1.48, `Descriptor`; 1.53, `Identity`; moby `daemon/containerd/image_inspect.go`,
 * `identity.go`.
 */
export function registryDigests(body: JsonObject, id: string): readonly string[] {
  const digests = textsIn(body, "RepoDigests");
  const usesContainerdStore =
    textIn(objectIn(body, "Descriptor"), "digest") === id || digests.some((text) => text.endsWith(`@${id}`));
  if (!usesContainerdStore) return digests;
  const tagged = digests.flatMap((text) => parseReference(text) ?? []);
  return pulledFrom(body).map((repository) => {
    const names = new Set(tagged.filter((one) => withoutPort(one) === withoutPort(repository)).map(nameOf));
    const [name = nameOf(repository)] = names;
    return names.size > 1 ? id : `${name}@${id}`;
  });
}

function pulledFrom(body: JsonObject): readonly ImageReference[] {
  const pulls = objectIn(body, "Identity")["Pull"];
  return (Array.isArray(pulls) ? pulls : []).flatMap(
    (pull) => (isJsonObject(pull) && parseReference(textIn(pull, "Repository"))) || [],
  );
}

function nameOf({ registry, repository }: ImageReference): string {
  return `${registry}/${repository}`;
}

function withoutPort({ registry, repository }: ImageReference): string {
  const name = `${registry.replace(/:\d+$/, "")}/${repository}`;
  const reference = parseReference(name);
  return reference ? nameOf(reference) : name;
}
