import type { Material } from "@/api/contracts";

const OPTIONAL = ["可选", "optional"];

/** Materials are written one on each line: code | 名称 | English name | 必需 or 可选 | hint. */
export function materialLines(materials: readonly Material[]): string {
  return materials
    .map((one) =>
      [one.code, one.name_zh, one.name_en, one.required ? "必需" : "可选", one.hint_zh].map((part) => part ?? "").join(" | "),
    )
    .join("\n");
}

export function parseMaterials(text: string): Material[] {
  return text
    .split("\n")
    .map((line) => line.split("|").map((part) => part.trim()))
    .filter((parts) => parts[0])
    .map(([code = "", name_zh = "", name_en = "", need = "", hint_zh = ""]) => ({
      code,
      name_zh,
      name_en,
      required: !OPTIONAL.includes(need.toLowerCase()),
      hint_zh,
      hint_en: "",
    }));
}
