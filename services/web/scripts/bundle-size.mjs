// Prints what each face loads for its first page, gzipped, and fails above the limit.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 250;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));
const sizes = new Map();

function gzipped(file) {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(new URL(file, dist))).length);
  return sizes.get(file);
}

function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key]?.imports ?? []) closure(next, seen);
  return seen;
}

// The home page of a face is part of what its first page loads.
const HOMES = {
  "index.html": ["src/portal/home/Home.vue"],
  "console/index.html": ["src/console/Shell.vue", "src/console/home/HomePage.vue"],
  "desk/index.html": ["src/desk/Shell.vue", "src/desk/cases/CasesPage.vue"],
  "screen/index.html": ["src/screen/overview/Overview.vue"],
};

let failed = false;
for (const [entry, homes] of Object.entries(HOMES)) {
  const keys = closure(entry);
  for (const home of homes) if (manifest[home]) closure(home, keys);
  const files = new Set();
  for (const key of keys) {
    files.add(manifest[key].file);
    for (const css of manifest[key].css ?? []) files.add(css);
  }
  const kb = [...files].reduce((sum, file) => sum + gzipped(file), 0) / 1024;
  const over = kb > LIMIT_KB;
  failed ||= over;
  console.log(`${entry.padEnd(20)} ${kb.toFixed(1).padStart(7)} kB gzip in ${files.size} files${over ? "  OVER" : ""}`);
}
process.exit(failed ? 1 : 0);
