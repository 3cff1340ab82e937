import { api, asPage } from "@/api";
import type { ServiceItem } from "@/api/contracts";
import { session } from "@/session/session";
import { toLocal, type FieldSpec, type FormModel, type Option } from "@/staff/forms";
import { nameOf, options } from "@/words/terms.words";

import { say, targetWord } from "./words";

const MOST_NEEDS = 3;

/** The items a need can become; their forms may be filled in later. */
export async function needItems(): Promise<Option[]> {
  const found = await api.get<object>("/v1/tenants/{tenant}/catalogue", {
    path: { tenant: session.tenant },
    query: { page_size: 100 },
  });
  return asPage<ServiceItem>(found).items.map((one) => ({ value: one.id, label: nameOf(one) }));
}

/** Up to three needs; the next is asked once the one before is there. */
function needFields(items: readonly Option[], label: string): FieldSpec[] {
  return Array.from({ length: MOST_NEEDS }, (_, place): FieldSpec[] => {
    const before = (form: FormModel): boolean => place === 0 || Boolean(form[`need${place - 1}`]);
    return [
      { name: `need${place}`, label, ...(place ? {} : { hint: say("needHint") }), kind: "choice", options: items, when: before },
      {
        name: `words${place}`,
        label: say("needWords"),
        required: true,
        min: 2,
        max: 1000,
        when: (form) => before(form) && Boolean(form[`need${place}`]),
      },
    ];
  }).flat();
}

export function visitFields(isSite: boolean, items: readonly Option[]): FieldSpec[] {
  return [
    ...(isSite ? [{ name: "checkin_code", label: say("checkinCode"), hint: say("checkinHint"), required: true, max: 20 }] : []),
    { name: "visit_time", label: say("visitTime"), hint: say("visitTimeHint"), kind: "moment" },
    {
      name: "remark",
      label: say(isSite ? "seen" : "talked"),
      hint: say(isSite ? "seenHint" : "talkedHint"),
      kind: "lines",
      max: 2000,
    },
    ...needFields(items, say(isSite ? "finding" : "need")),
  ];
}

export function minutesFields(items: readonly Option[]): FieldSpec[] {
  return [
    { name: "topic", label: say("topic"), required: true, max: 60 },
    { name: "visit_time", label: say("visitTime"), hint: say("visitTimeHint"), kind: "moment" },
    { name: "remark", label: say("minutes"), hint: say("minutesHint"), kind: "lines", required: true, max: 2000 },
    ...needFields(items, say("need")),
  ];
}

const NEED = /^(need|words)\d$/;

/** The form's needs as the contract has them. */
export function withNeeds(body: FormModel): FormModel {
  const needs = Array.from({ length: MOST_NEEDS }, (_, place) => ({
    service_item_id: body[`need${place}`],
    summary: body[`words${place}`],
  })).filter((need) => need.service_item_id);
  const rest = Object.fromEntries(Object.entries(body).filter(([name]) => !NEED.test(name)));
  return { ...rest, ...(needs.length ? { needs } : {}) };
}

export function planFields(): FieldSpec[] {
  const today = toLocal(new Date().toISOString()).slice(0, 10);
  const day = { kind: "day", required: true, half: true } as const;
  return [
    { name: "title", label: say("planTitle"), required: true, max: 60 },
    {
      name: "target",
      label: say("target"),
      kind: "choice",
      required: true,
      initial: "ENTERPRISE",
      options: options(targetWord, ["ENTERPRISE", "SITE"]),
      half: true,
    },
    { name: "floor", label: say("floor"), hint: say("floorHint"), max: 3, pattern: /^(B[1-9]|[1-9]\d{0,2})$/, half: true },
    { name: "start_date", label: say("start"), initial: today, ...day },
    { name: "due_date", label: say("due"), ...day },
    { name: "every_days", label: say("every"), hint: say("everyHint"), kind: "number", min: 1, max: 366, half: true },
    { name: "responsible", label: say("responsible"), kind: "account", initial: session.me?.account.id ?? "", half: true },
  ];
}
