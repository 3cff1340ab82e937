import { locale } from "@/words";

/** What a person is asked, read from an item's JSON Schema. */
export type Kind = "text" | "long" | "number" | "choice" | "choices" | "yesno" | "date" | "phone";
export type Answer = string | number | boolean | string[] | undefined;
export type Answers = Record<string, Answer>;

export interface Choice {
  value: string;
  label: string;
}

export interface Question {
  name: string;
  kind: Kind;
  title: string;
  hint: string;
  required: boolean;
  whole: boolean;
  choices: Choice[];
  min?: number;
  max?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: RegExp;
}

/** One page of the form. */
export interface Group {
  key: string;
  title: string;
  questions: Question[];
}

/** Why an answer cannot stay, with the figure that the sentence needs. */
export interface Fault {
  reason: "required" | "too_short" | "too_long" | "too_small" | "too_large" | "not_a_number" | "not_whole" | "bad_format";
  n?: number;
}

type Json = Readonly<Record<string, unknown>>;

const LONG_TEXT = 120;
const QUESTIONS_PER_PAGE = 3;

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const asText = (value: unknown): string => (typeof value === "string" ? value : "");
const asNumber = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

/** A schema says its words in Chinese; `x-en` beside them carries the English ones. */
function words(schema: Json, name: "title" | "description" | "group"): string {
  const english = isObject(schema["x-en"]) ? asText(schema["x-en"][name]) : "";
  const chinese = asText(name === "group" ? schema["x-group"] : schema[name]);
  return locale.value === "en" && english ? english : chinese;
}

function choicesOf(schema: Json): Choice[] {
  if (Array.isArray(schema["oneOf"])) {
    return schema["oneOf"].filter(isObject).map((one) => ({
      value: String(one["const"]),
      label: words(one, "title") || String(one["const"]),
    }));
  }
  const values = Array.isArray(schema["enum"]) ? schema["enum"].map(String) : [];
  const side = isObject(schema["x-en"]) && locale.value === "en" ? schema["x-en"]["enum"] : schema["x-labels"];
  return values.map((value, index) => {
    const label = Array.isArray(side) ? asText(side[index]) : isObject(side) ? asText(side[value]) : "";
    return { value, label: label || value };
  });
}

function kindOf(schema: Json): Kind {
  const type = asText(schema["type"]);
  if (type === "boolean") return "yesno";
  if (type === "array") return "choices";
  if (Array.isArray(schema["enum"]) || Array.isArray(schema["oneOf"])) return "choice";
  if (type === "integer" || type === "number") return "number";
  const format = asText(schema["format"]);
  if (format === "date") return "date";
  if (format === "tel" || format === "phone") return "phone";
  const longest = asNumber(schema["maxLength"]);
  return longest !== undefined && longest > LONG_TEXT ? "long" : "text";
}

function expression(source: string): RegExp | undefined {
  if (!source) return undefined;
  try {
    return new RegExp(source, "u");
  } catch {
    // The server checks the pattern anyway; one that this engine cannot read must not break the form.
    return undefined;
  }
}

function question(name: string, schema: Json, required: boolean): Question {
  const items = isObject(schema["items"]) ? schema["items"] : {};
  const kind = kindOf(schema);
  const pattern = expression(asText(schema["pattern"]));
  return {
    name,
    kind,
    title: words(schema, "title") || name,
    hint: words(schema, "description"),
    required,
    whole: schema["type"] === "integer",
    choices: choicesOf(kind === "choices" ? items : schema),
    min: asNumber(schema["minimum"]),
    max: asNumber(schema["maximum"]),
    minLength: asNumber(schema["minLength"]) ?? asNumber(schema["minItems"]),
    maxLength: asNumber(schema["maxLength"]) ?? asNumber(schema["maxItems"]),
    ...(pattern ? { pattern } : {}),
  };
}

/**
 * Questions in the order that `x-order` names, else the required ones first (a Struct keeps no order of its
 * own), one page per `x-group`, at most three ungrouped questions to a page.
 */
export function readForm(schema: unknown): Group[] {
  if (!isObject(schema) || !isObject(schema["properties"])) return [];
  const properties = schema["properties"];
  const required = Array.isArray(schema["required"]) ? schema["required"].map(String) : [];
  const given = Array.isArray(schema["x-order"]) ? schema["x-order"].map(String) : [];
  const names = [...new Set([...given, ...required, ...Object.keys(properties)])].filter((name) => name in properties);
  const groups: Group[] = [];
  for (const name of names) {
    const property = properties[name];
    if (!isObject(property)) continue;
    const title = words(property, "group");
    const last = groups.at(-1);
    const fits = last && last.title === title && (title !== "" || last.questions.length < QUESTIONS_PER_PAGE);
    const group = fits ? last : { key: `g${groups.length}`, title, questions: [] };
    if (!fits) groups.push(group);
    group.questions.push(question(name, property, required.includes(name)));
  }
  return groups;
}

const isEmpty = (answer: Answer): boolean =>
  answer === undefined || (typeof answer === "string" && answer.trim() === "") || (Array.isArray(answer) && answer.length === 0);

const MOBILE_OR_LANDLINE = /^(\+?86[- ]?)?(1\d{10}|0\d{2,3}[- ]?\d{7,8})$/;

function checkNumber(one: Question, answer: Answer): Fault | undefined {
  const value = typeof answer === "number" ? answer : Number(answer);
  if (Number.isNaN(value)) return { reason: "not_a_number" };
  if (one.whole && !Number.isInteger(value)) return { reason: "not_whole" };
  if (one.min !== undefined && value < one.min) return { reason: "too_small", n: one.min };
  if (one.max !== undefined && value > one.max) return { reason: "too_large", n: one.max };
  return undefined;
}

/** The first thing wrong with an answer, by the same limits that the server will apply. */
export function check(one: Question, answer: Answer): Fault | undefined {
  if (isEmpty(answer)) return one.required ? { reason: "required" } : undefined;
  if (one.kind === "number") return checkNumber(one, answer);
  if (one.kind === "yesno" || one.kind === "choice") return undefined;
  const length = Array.isArray(answer) ? answer.length : [...String(answer).trim()].length;
  if (one.minLength !== undefined && length < one.minLength) return { reason: "too_short", n: one.minLength };
  if (one.maxLength !== undefined && length > one.maxLength) return { reason: "too_long", n: one.maxLength };
  if (one.pattern && !Array.isArray(answer) && !one.pattern.test(String(answer))) return { reason: "bad_format" };
  if (one.kind === "phone" && !MOBILE_OR_LANDLINE.test(String(answer).trim())) return { reason: "bad_format" };
  return undefined;
}

/** What is sent: numbers as numbers, words trimmed, nothing for what was left out or is asked no longer. */
export function toForm(groups: readonly Group[], answers: Readonly<Answers>): Record<string, unknown> {
  const form: Record<string, unknown> = {};
  for (const one of groups.flatMap((group) => group.questions)) {
    const answer = answers[one.name];
    if (isEmpty(answer)) continue;
    if (one.kind === "number") form[one.name] = Number(answer);
    else form[one.name] = typeof answer === "string" ? answer.trim() : answer;
  }
  return form;
}

/** An answer as people read it: the label of a choice, 是 or 否 for a tick. */
export function shown(one: Question, answer: unknown, yes: string, no: string): string {
  if (answer === undefined || answer === null || answer === "") return "";
  if (one.kind === "yesno") return answer === true ? yes : no;
  const label = (value: unknown): string => one.choices.find((choice) => choice.value === String(value))?.label ?? String(value);
  return Array.isArray(answer) ? answer.map(label).join("、") : label(answer);
}
