import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { describe, expect, it } from "vitest";

const sources = import.meta.glob<string>("../src/**/*.{ts,vue}", { query: "?raw", import: "default", eager: true });
const document = JSON.parse(readFileSync(resolve(__dirname, "../openapi.json"), "utf8")) as {
  paths: Record<string, Record<string, { parameters?: { name: string; in: string }[] }>>;
};

interface Call {
  file: string;
  method: string;
  route: string;
}

/** Every `api.get("/v1/…")` in the sources; a verb put in at run time stands as `…:`. */
function calls(): Call[] {
  const found: Call[] = [];
  for (const [file, text] of Object.entries(sources)) {
    for (const match of text.matchAll(/api\s*\.(get|post|patch|delete)(?:<[^(]*>)?\(\s*["'`](\/v1\/[^"'`]*)["'`]/g)) {
      found.push({ file, method: match[1] ?? "", route: (match[2] ?? "").replace(/\$\{.*$/s, "…") });
    }
  }
  return found;
}

describe("routes", () => {
  it("are found in the sources", () => expect(calls().length).toBeGreaterThan(60));

  it.each(calls().map((one) => [`${one.method} ${one.route}`, one] as const))("%s is the gateway's", (_, one) => {
    if (one.route.endsWith("…")) {
      const start = one.route.slice(0, -1);
      const fits = Object.entries(document.paths).some(([path, at]) => path.startsWith(start) && one.method in at);
      expect(fits, one.file).toBe(true);
    } else expect(document.paths[one.route]?.[one.method], one.file).toBeDefined();
  });
});
