import type { Program } from "./program.ts";

/** Applications in an interpreted language, by the file in which each keeps its version. */
export const applications: readonly Program[] = [
  {
    name: "wordpress",
    files: ["version.php"],
    texts: [{ near: "$wp_version = '", version: /\n\$wp_version = '(\d+\.\d+(?:\.\d+)?(?:-\w+)?)'/ }],
  },
  {
    name: "moodle",
    files: ["version.php"],
    texts: [{ near: "$release", version: /\n\$release {1,4}= '(\d+\.\d+(?:\.\d+)?)\+? \(Build: \d{8}\)'/ }],
  },
  {
    name: "drupal",
    files: ["Drupal.php"],
    texts: [{ near: "const VERSION = '", version: /\n {2}const VERSION = '(\d+\.\d+\.\d+(?:-[a-z]+\d+)?)'/ }],
  },
  {
    name: "rabbitmq",
    files: ["rabbit.app"],
    texts: [{ near: "{vsn,", version: /\{vsn, ?"(\d+\.\d+\.\d+(?:-[\w.]+)?)"\}/ }],
  },
];
