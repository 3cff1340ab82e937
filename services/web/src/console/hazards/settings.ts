import type { HazardSettings } from "@/api/contracts";
import type { FormSpec } from "@/staff/FormDialog.vue";
import type { FieldSpec } from "@/staff/forms";

import { say } from "./words";

/** The settings as a form: each figure says its default and where that comes from. */
export function settingsForm(settings: HazardSettings): FormSpec {
  const from = (name: string): string => {
    const found = (settings.defaults ?? []).find((one) => one.name === name);
    return found ? say("defaultIs", { n: found.value ?? 0, source: found.source ?? "" }) : "";
  };
  const figure = (name: string, label: string, value: number | undefined, max: number): FieldSpec => ({
    name,
    label,
    hint: from(name),
    kind: "number",
    required: true,
    min: 1,
    max,
    initial: value ?? 1,
  });
  return {
    name: `hazards.settings.${settings.etag ?? ""}`,
    title: say("settingsTitle"),
    fields: [
      figure("deadline_days", say("deadlineDays"), settings.deadline_days, 90),
      figure("recurrence_days", say("recurrenceDays"), settings.recurrence_days, 730),
      figure("inspections_per_week", say("perWeek"), settings.inspections_per_week, 7),
      { name: "desk", label: say("desk"), required: true, max: 40, initial: settings.desk ?? "" },
    ],
  };
}
