import type { XmlElement } from "../../../io/documents/xml.ts";
import { feedOverLimit } from "../../read-feed-file.ts";
import { childOf, textOf } from "../../read-feed-xml.ts";

// Behind the definitions of a document stand <rpminfo_test id=""> with <object object_ref=""> and <state state_ref="">,
// <rpminfo_object id=""> with <name>, and <rpminfo_state id=""> with <evr operation="less
// than">EPOCH:VERSION-RELEASE</evr>.

/** The elements that {@link OvalTests} takes. */
export const ovalTestElements: readonly string[] = ["rpminfo_test", "rpminfo_object", "rpminfo_state"];

/** What a test says of a package's version. */
export interface RpmTest {
  readonly name: string;
  /** `less than`, `less than or equal`, `greater than`, `greater than or equal`, `equals`. */
  readonly operation: string;
  /** `0:3.4.0-1.azl3`. */
  readonly version: string;
}

const mostEntries = 5_000_000;

/** The tests of a document, with their objects and states. */
export class OvalTests {
  readonly #tests = new Map<string, { readonly object: string; readonly state: string }>();
  readonly #objects = new Map<string, string>();
  readonly #states = new Map<string, { readonly operation: string; readonly version: string }>();

  /** Takes one of {@link ovalTestElements}. Error: `limit-exceeded`. */
  add(element: XmlElement): void {
    if (this.#tests.size + this.#objects.size + this.#states.size >= mostEntries) {
      throw feedOverLimit(`the OVAL file has more than ${mostEntries} tests, objects and states`);
    }
    const id = element.attributes["id"] ?? "";
    if (element.name === "rpminfo_test") {
      const object = childOf(element, "object")?.attributes["object_ref"] ?? "";
      const state = childOf(element, "state")?.attributes["state_ref"] ?? "";
      this.#tests.set(id, { object, state });
    } else if (element.name === "rpminfo_object") {
      this.#objects.set(id, textOf(element, "name") ?? "");
    } else if (element.name === "rpminfo_state") {
      const evr = childOf(element, "evr");
      if (!evr) return;
      // White space is not a part of a version, but Azure Linux's data has `0: 1.20.10-1.azl3`.
      const version = evr.text.replace(/\s+/g, "");
      this.#states.set(id, { operation: evr.attributes["operation"] ?? "equals", version });
    }
  }

  /** Undefined when there is no such test, or when it is not about a package's version. */
  find(id: string): RpmTest | undefined {
    const test = this.#tests.get(id);
    const name = test && this.#objects.get(test.object);
    const state = test && this.#states.get(test.state);
    return name && state ? { name, ...state } : undefined;
  }
}
