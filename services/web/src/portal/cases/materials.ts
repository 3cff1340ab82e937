import type { StoredFile } from "@/api";

import type { CaseMaterial, Material } from "../shapes";

/** What an applicant gives for one material. */
export interface Given {
  files: StoredFile[];
  onPaper: boolean;
}

export type Supply = Record<string, Given>;

export function isGiven(given: Given | undefined): boolean {
  return given !== undefined && (given.onPaper || given.files.length > 0);
}

/** The codes of required materials that are still missing. */
export function missing(materials: readonly { code: string; required?: boolean }[], supply: Supply): string[] {
  return materials.filter((one) => one.required && !isGiven(supply[one.code])).map((one) => one.code);
}

/** Only what was given is sent: leaving a material out keeps what the case has. */
export function toInputs(supply: Supply): { code: string; files: string[]; on_paper: boolean }[] {
  return Object.entries(supply)
    .filter(([, given]) => isGiven(given))
    .map(([code, given]) => ({ code, files: given.files.map((one) => one.reference), on_paper: given.onPaper }));
}

/** What a case holds already, as if it had just been chosen: files are named by their id. */
export function fromCase(materials: readonly CaseMaterial[]): Supply {
  const supply: Supply = {};
  for (const one of materials) {
    supply[one.code] = {
      files: (one.files ?? []).map((file) => ({
        reference: file.id,
        name: file.name ?? "",
        content_type: file.media_type ?? "",
        size: Number(file.size ?? 0),
      })),
      onPaper: one.on_paper ?? false,
    };
  }
  return supply;
}

export type Wanted = Pick<Material, "code" | "name_zh" | "name_en" | "required"> & {
  hint_zh?: string;
  hint_en?: string;
  correction?: string;
};
