import { describe, expect, it } from "vitest";

import { CATALOGUES, fill } from "@/words";

// Importing a catalogue registers it; this finds every one of them.
import.meta.glob("../src/**/words*.ts", { eager: true });
import.meta.glob("../src/**/*.words.ts", { eager: true });

describe("words", () => {
  it("finds catalogues", () => {
    expect(CATALOGUES.length).toBeGreaterThan(1);
  });

  it.each(CATALOGUES.map((one) => [Object.keys(one.zh)[0], one] as const))("is complete from %s", (_, { zh, en }) => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
    for (const [key, text] of [...Object.entries(zh), ...Object.entries(en)]) {
      expect(text.trim(), key).not.toBe("");
    }
  });

  it("carries the same values in both languages", () => {
    const names = (text: string): string[] => [...new Set(text.match(/(?<=\{)\w+/g) ?? [])].sort();
    for (const { zh, en } of CATALOGUES) {
      for (const [key, text] of Object.entries(zh)) {
        expect(names(en[key] ?? ""), key).toEqual(names(text));
      }
    }
  });

  it("fills values and counts", () => {
    expect(fill("{n} {n?item|items} of {total}", { n: 1, total: 3 })).toBe("1 item of 3");
    expect(fill("{n} {n?item|items}", { n: 2 })).toBe("2 items");
    expect(fill("{missing}", {})).toBe("{missing}");
  });
});
