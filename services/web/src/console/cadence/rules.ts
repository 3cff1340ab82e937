import type { ObligationRule } from "@/api/contracts";
import type { FormSpec } from "@/staff/FormDialog.vue";
import type { FieldSpec, FormModel } from "@/staff/forms";
import { locale } from "@/words";
import { EVIDENCE, evidenceWord, PERIODS, periodWord, SCOPES, scopeWord } from "@/words/cadence.words";
import { ACTIVITY_KINDS, activityKindWord, options } from "@/words/terms.words";

import { say } from "./words";

type Titled = Pick<ObligationRule, "title_zh" | "title_en">;

export const titleOf = (one: Titled | undefined): string =>
  (locale.value === "en" && one?.title_en ? one.title_en : one?.title_zh) ?? "";

const days = (name: string, label: string, max: number): FieldSpec => ({ name, label, kind: "number", required: true, min: 0, max, half: true, initial: 0 });

const FIELDS = (): FieldSpec[] => [
  { name: "title_zh", label: say("titleZh"), required: true, min: 2, max: 60, half: true },
  { name: "title_en", label: say("titleEn"), max: 100, half: true },
  { name: "period", label: say("period"), kind: "choice", required: true, options: options(periodWord, PERIODS), half: true },
  { name: "scope", label: say("scope"), kind: "choice", required: true, options: options(scopeWord, SCOPES), half: true },
  { name: "evidence", label: say("evidence"), kind: "choice", required: true, options: options(evidenceWord, EVIDENCE), half: true },
  {
    name: "activity_kind",
    label: say("activityKind"),
    hint: say("anyKind"),
    kind: "choice",
    options: options(activityKindWord, ACTIVITY_KINDS),
    half: true,
    when: (form) => form.evidence === "ACTIVITY",
  },
  days("due_days", say("dueDays"), 92),
  days("grace_days", say("graceDays"), 31),
  { name: "unannounced", label: say("unannounced"), kind: "yes" },
  { name: "from_date", label: say("from"), hint: say("fromHint"), kind: "day" },
];

const CODE = (): FieldSpec => ({ name: "code", label: say("code"), hint: say("codeHint"), required: true, pattern: /^[a-z][a-z0-9-]{1,39}$/, patternHint: say("codeHint") });

/** The form of a rule: one that a source proposes or the building has, or a new one. */
export function ruleForm(rule?: ObligationRule): FormSpec {
  if (!rule) return { name: "cadence.rule.new", title: say("newRule"), verb: say("newRule"), fields: [CODE(), ...FIELDS()] };
  const verb = rule.standing === "NOT_CONFIGURED" ? say("configure") : say("change");
  const initial: FormModel = { ...rule, from_date: "" };
  return { name: `cadence.rule.${rule.code ?? ""}.${rule.etag ?? ""}`, title: `${verb} · ${titleOf(rule)}`, verb, fields: FIELDS(), initial };
}
