import type { Tenant } from "@/api/contracts";
import type { FieldSpec, FormModel, Option } from "@/staff/forms";
import { options, tenantKindWord } from "@/words/terms.words";

import { say } from "./words";

export const KINDS = [
  "BUILDING",
  "MULTI_SITE",
  "SUPERIOR",
  "SUBDISTRICT",
  "DEPARTMENT",
  "COMMUNITY",
  "HOME_ORGANISATION",
] as const;

const decimal = (name: string, label: string): FieldSpec => ({
  name,
  label,
  pattern: /^(\d{1,9}(\.\d{1,3})?)?$/,
  patternHint: say("decimal"),
  half: true,
});
const whole = (name: string, label: string, max: number): FieldSpec => ({
  name,
  label,
  kind: "number",
  min: 0,
  max,
  half: true,
});

export function tenantFields(isNew: boolean, regions: readonly Option[], superiors: readonly Option[]): FieldSpec[] {
  return [
    ...(isNew
      ? [{ name: "kind", label: say("kind"), kind: "choice" as const, required: true, options: options(tenantKindWord, KINDS) }]
      : []),
    { name: "name_zh", label: say("name"), required: true, max: 60, half: true },
    { name: "name_en", label: say("nameEn"), required: true, max: 120, half: true },
    { name: "region", label: say("region"), kind: "choice", options: regions, half: true },
    { name: "superior", label: say("superior"), kind: "choice", options: superiors, half: true },
    { name: "aliases", label: say("aliases"), hint: say("aliasesHint"), kind: "lines", max: 1200 },
    decimal("area_m2", say("area")),
    decimal("height_m", say("height")),
    whole("built_year", say("built"), 2200),
    whole("opened_year", say("opened"), 2200),
    whole("floors", say("floors"), 300),
    ...(isNew ? [{ name: "synthetic", label: say("synthetic"), kind: "yes" as const }] : []),
  ];
}

export function formOf(tenant: Tenant): FormModel {
  return {
    ...tenant,
    aliases: (tenant.aliases ?? []).join("\n"),
    built_year: tenant.built_year || null,
    opened_year: tenant.opened_year || null,
    floors: tenant.floors || null,
  };
}

export function aliasList(text: unknown): string[] {
  return String(text ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}
