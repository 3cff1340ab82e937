import type { Problem } from "@/api/problem";
import { explainField } from "@/design/explain";

import { say } from "./words";

export interface Option {
  value: string;
  label: string;
}

export type FieldKind =
  | "text"
  | "lines"
  | "number"
  | "choice"
  | "choices"
  | "moment"
  | "day"
  | "yes"
  | "files"
  | "account"
  | "rating";

/** One field of a form; forms of the console are data, so that all of them behave alike. */
export interface FieldSpec {
  name: string;
  label: string;
  kind?: FieldKind;
  hint?: string;
  required?: boolean;
  max?: number;
  min?: number;
  pattern?: RegExp;
  patternHint?: string;
  options?: readonly Option[];
  accept?: string;
  multiple?: boolean;
  /** What PATCH sends for a choice that was taken back: "" for a reference, "UNSPECIFIED" for an enum. */
  unset?: string;
  /** The value a new form starts with. */
  initial?: unknown;
  /** Shown only while this holds. */
  when?: (form: FormModel) => boolean;
  inputmode?: "numeric" | "email" | "text" | "tel";
  /** Half the width beside its neighbour on a wide dialog. */
  half?: boolean;
}

export type FormModel = Record<string, unknown>;

const EMPTY: Readonly<Record<FieldKind, unknown>> = {
  text: "",
  lines: "",
  number: null,
  choice: "",
  choices: [],
  moment: "",
  day: "",
  yes: false,
  files: [],
  account: "",
  rating: 0,
};

/** Forms hold plain values. What a page shows may be reactive, which `structuredClone` refuses to copy. */
export function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

export function emptyForm(fields: readonly FieldSpec[]): FormModel {
  return Object.fromEntries(
    fields.map((field) => [field.name, copyOf(field.initial ?? EMPTY[field.kind ?? "text"])]),
  );
}

export function shownFields(fields: readonly FieldSpec[], form: FormModel): FieldSpec[] {
  return fields.filter((field) => field.when?.(form) ?? true);
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === "" ||
    value === 0 ||
    (typeof value === "string" && value.trim() === "") ||
    (Array.isArray(value) && value.length === 0)
  );
}

/** The sentence for one field, or "". The service checks again; this only spares a round trip. */
function check(field: FieldSpec, value: unknown): string {
  const empty = isEmpty(value) && !(field.kind === "number" && value === 0);
  if (empty) return field.required ? say("needed", { label: field.label }) : "";
  if (field.kind === "number") {
    const number = Number(value);
    if (Number.isNaN(number)) return say("notNumber", { label: field.label });
    if (field.min !== undefined && number < field.min) return say("tooSmall", { label: field.label, n: field.min });
    if (field.max !== undefined && number > field.max) return say("tooBig", { label: field.label, n: field.max });
    return "";
  }
  if (typeof value !== "string") return "";
  if (field.max !== undefined && value.length > field.max) return say("tooLong", { label: field.label, n: field.max });
  if (field.min !== undefined && value.trim().length < field.min) {
    return say("tooShort", { label: field.label, n: field.min });
  }
  if (field.pattern && !field.pattern.test(value.trim())) {
    return field.patternHint ?? say("wrongShape", { label: field.label });
  }
  return "";
}

export type Errors = Record<string, string>;

export function checkForm(fields: readonly FieldSpec[], form: FormModel): Errors {
  const errors: Errors = {};
  for (const field of shownFields(fields, form)) {
    const sentence = check(field, form[field.name]);
    if (sentence) errors[field.name] = sentence;
  }
  return errors;
}

/** What the server said about single fields, by the name of the form's field. */
export function serverErrors(fields: readonly FieldSpec[], problem: Problem | undefined): Errors {
  const errors: Errors = {};
  for (const one of problem?.fields ?? []) {
    const name = one.field.split(/[.[]/)[0] ?? "";
    if (fields.some((field) => field.name === name)) errors[name] = explainField(one);
  }
  return errors;
}

/** `datetime-local` speaks the district's wall clock, wherever the browser stands. */
export function toInstant(local: string): string | undefined {
  return local ? new Date(`${local}:00+08:00`).toISOString() : undefined;
}

export function toLocal(instant: string | undefined): string {
  if (!instant) return "";
  return new Date(new Date(instant).getTime() + 8 * 3600 * 1000).toISOString().slice(0, 16);
}

/** The body to send: trimmed, without what was left empty, files as their references. */
export function toBody(fields: readonly FieldSpec[], form: FormModel): FormModel {
  const body: FormModel = {};
  for (const field of shownFields(fields, form)) {
    const value = form[field.name];
    if (field.kind === "yes") {
      if (value) body[field.name] = true;
    } else if (field.kind === "files") {
      const references = (value as { reference: string }[]).map((one) => one.reference);
      if (references.length > 0) body[field.name] = references;
    } else if (field.kind === "number") {
      if (value !== null && value !== "") body[field.name] = Number(value);
    } else if (field.kind === "moment") {
      const instant = toInstant(value as string);
      if (instant) body[field.name] = instant;
    } else if (!isEmpty(value)) {
      body[field.name] = typeof value === "string" ? value.trim() : value;
    }
  }
  return body;
}

/** For PATCH: only what differs from what the form began with; an emptied text is sent as "". */
export function toPatch(fields: readonly FieldSpec[], before: FormModel, form: FormModel): FormModel {
  const full = toBody(fields, form);
  const patch: FormModel = {};
  for (const field of shownFields(fields, form)) {
    if (JSON.stringify(before[field.name]) === JSON.stringify(form[field.name])) continue;
    if (field.name in full) patch[field.name] = full[field.name];
    else if (field.kind === "yes") patch[field.name] = false;
    else if (field.kind === "number") patch[field.name] = 0;
    else if (field.kind !== "moment") patch[field.name] = Array.isArray(form[field.name]) ? [] : (field.unset ?? "");
  }
  return patch;
}
