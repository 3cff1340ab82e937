import type { ServiceItem, SlaCalendar, SlaSettings, SlaTarget } from "@/api/contracts";
import type { FormSpec } from "@/staff/FormDialog.vue";
import type { FieldSpec, FormModel } from "@/staff/forms";
import { say as staff } from "@/staff/words";
import { levelWord } from "@/words/sla.words";
import { nameOf } from "@/words/terms.words";

import { say } from "./words";

export const LEVELS = ["ASSIGNEE", "DESK", "SECRETARY", "ADMINISTRATOR", "SUPERIOR"] as const;

/** A form over a part of the settings, and the settings that it makes. */
export interface Edit {
  spec: FormSpec;
  apply: (form: FormModel) => SlaSettings;
}

const CODE: Partial<FieldSpec> = { pattern: /^[a-z][a-z0-9-]{1,39}$/, patternHint: say("codeShape") };
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const SHIFTS = /^(([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)(\s+|$))+$/;
const DAYS = /^(\s*20\d{2}-\d{2}-\d{2}\s+(休|班|off|on)\s*(\n|$))*$/;

const note = (): FieldSpec => ({ name: "note", label: say("note"), required: true, max: 300 });
const names = (): FieldSpec[] => [
  { name: "name_zh", label: say("name"), required: true, max: 40, half: true },
  { name: "name_en", label: say("nameEn"), required: true, max: 80, half: true },
];
const code = (isNew: boolean): FieldSpec[] =>
  isNew ? [{ name: "code", label: say("code"), hint: say("codeHint"), required: true, ...CODE }] : [];

function spec(settings: SlaSettings, name: string, title: string, fields: FieldSpec[], initial: FormModel = {}): FormSpec {
  return {
    name: `sla.${name}.${settings.etag}`,
    title,
    verb: staff("save"),
    fields: [...fields, note()],
    initial,
  };
}

/** One of a list under its code: in its place, or at the end. */
function put<T extends { code: string }>(list: readonly T[], one: T): T[] {
  return list.some((each) => each.code === one.code)
    ? list.map((each) => (each.code === one.code ? one : each))
    : [...list, one];
}

const textOf = (form: FormModel, name: string): string => String(form[name] ?? "").trim();

export function editCalendar(settings: SlaSettings, one?: SlaCalendar): Edit {
  const fields: FieldSpec[] = [
    ...code(!one),
    ...names(),
    { name: "shifts", label: say("shifts"), hint: say("shiftsHint"), required: true, pattern: SHIFTS, patternHint: say("shiftsShape") },
    { name: "every_day", label: say("everyDay"), kind: "yes" },
    { name: "days", label: say("days"), hint: say("daysHint"), kind: "lines", pattern: DAYS, patternHint: say("daysShape") },
  ];
  const initial: FormModel = one
    ? {
        name_zh: one.name_zh,
        name_en: one.name_en,
        shifts: (one.shifts ?? []).join(" "),
        every_day: one.every_day,
        days: (one.days ?? []).map((day) => `${day.date} ${day.worked ? "班" : "休"}`).join("\n"),
      }
    : {};
  return {
    spec: spec(settings, `calendar.${one?.code ?? "new"}`, one ? say("editCalendar") : say("addCalendar"), fields, initial),
    apply: (form) => ({
      ...settings,
      calendars: put(settings.calendars, {
        code: one?.code ?? textOf(form, "code"),
        name_zh: textOf(form, "name_zh"),
        name_en: textOf(form, "name_en"),
        zone: one?.zone ?? "Asia/Shanghai",
        shifts: textOf(form, "shifts").split(/\s+/),
        every_day: Boolean(form["every_day"]),
        days: textOf(form, "days")
          .split("\n")
          .map((line) => line.trim().split(/\s+/))
          .filter(([date]) => date)
          .map(([date, worked]) => ({ date: date ?? "", worked: worked === "班" || worked === "on" })),
      }),
    }),
  };
}

export function editTarget(settings: SlaSettings, items: readonly ServiceItem[], one?: SlaTarget): Edit {
  const minutes = (name: string, label: string, min: number, hint?: string): FieldSpec => ({
    name,
    label,
    kind: "number",
    min,
    max: 60000,
    required: min > 0,
    half: true,
    ...(hint ? { hint } : {}),
  });
  const fields: FieldSpec[] = [
    ...code(!one),
    ...names(),
    {
      name: "calendar",
      label: say("calendar"),
      kind: "choice",
      required: true,
      half: true,
      options: settings.calendars.map((each) => ({ value: each.code, label: nameOf(each) })),
    },
    minutes("first_response_minutes", say("first"), 1),
    minutes("update_minutes", say("update"), 0, say("updateHint")),
    minutes("resolution_minutes", say("result"), 1),
    { name: "source_zh", label: say("source"), max: 200 },
    { name: "source_en", label: say("sourceEn"), max: 300 },
    {
      name: "items",
      label: say("items"),
      kind: "choices",
      options: items.map((each) => ({ value: each.code, label: nameOf(each) })),
    },
  ];
  const mine = Object.entries(settings.items).flatMap(([item, target]) => (target === one?.code ? [item] : []));
  return {
    spec: spec(settings, `target.${one?.code ?? "new"}`, one ? say("editTarget") : say("addTarget"), fields, {
      ...(one as FormModel | undefined),
      items: mine,
    }),
    apply: (form) => {
      const target = one?.code ?? textOf(form, "code");
      const others = Object.entries(settings.items).filter(([, each]) => each !== target);
      return {
        ...settings,
        targets: put(settings.targets, {
          code: target,
          name_zh: textOf(form, "name_zh"),
          name_en: textOf(form, "name_en"),
          calendar: textOf(form, "calendar"),
          first_response_minutes: Number(form["first_response_minutes"]),
          update_minutes: Number(form["update_minutes"] ?? 0),
          resolution_minutes: Number(form["resolution_minutes"]),
          source_zh: textOf(form, "source_zh"),
          source_en: textOf(form, "source_en"),
        }),
        items: Object.fromEntries([...others, ...(form["items"] as string[]).map((item) => [item, target] as const)]),
      };
    },
  };
}

export function editRules(settings: SlaSettings): Edit {
  const fields: FieldSpec[] = [
    {
      name: "urgent_target",
      label: say("urgent"),
      kind: "choice",
      options: settings.targets.map((each) => ({ value: each.code, label: nameOf(each) })),
    },
    { name: "update_minutes", label: say("catalogueUpdate"), hint: say("updateHint"), kind: "number", min: 0, max: 60000 },
  ];
  return {
    spec: spec(settings, "rules", say("editRules"), fields, {
      urgent_target: settings.urgent_target,
      update_minutes: settings.update_minutes,
    }),
    apply: (form) => ({
      ...settings,
      urgent_target: textOf(form, "urgent_target"),
      update_minutes: Number(form["update_minutes"] ?? 0),
    }),
  };
}

export function editLadder(settings: SlaSettings): Edit {
  const fields: FieldSpec[] = LEVELS.flatMap((level): FieldSpec[] => [
    { name: `${level}_on`, label: say("stepOn", { level: levelWord(level) }), kind: "yes" },
    {
      name: level,
      label: say("stepAfter", { level: levelWord(level) }),
      kind: "number",
      min: 0,
      max: 60000,
      when: (form) => Boolean(form[`${level}_on`]),
    },
  ]);
  const initial: FormModel = { fallback: settings.fallback };
  for (const level of LEVELS) {
    const step = settings.ladder.find((one) => one.level === level);
    initial[`${level}_on`] = step !== undefined;
    initial[level] = step?.after_minutes ?? 0;
  }
  return {
    spec: spec(settings, "ladder", say("editLadder"), [...fields, { name: "fallback", label: say("fallback"), kind: "account" }], initial),
    apply: (form) => ({
      ...settings,
      fallback: textOf(form, "fallback"),
      ladder: LEVELS.filter((level) => form[`${level}_on`]).map((level) => ({
        level,
        after_minutes: Number(form[level] ?? 0),
      })),
    }),
  };
}

export function editQuiet(settings: SlaSettings): Edit {
  const time = (name: string, label: string): FieldSpec => ({
    name,
    label,
    required: true,
    half: true,
    pattern: TIME,
    patternHint: say("quietShape"),
  });
  const fields: FieldSpec[] = [
    time("quiet_begin", say("quietBegin")),
    time("quiet_end", say("quietEnd")),
    { name: "quiet_rest_days", label: say("quietRest"), kind: "yes" },
  ];
  return {
    spec: spec(settings, "quiet", say("editQuiet"), fields, {
      quiet_begin: settings.quiet_begin,
      quiet_end: settings.quiet_end,
      quiet_rest_days: settings.quiet_rest_days,
    }),
    apply: (form) => ({
      ...settings,
      quiet_begin: textOf(form, "quiet_begin"),
      quiet_end: textOf(form, "quiet_end"),
      quiet_rest_days: Boolean(form["quiet_rest_days"]),
    }),
  };
}
