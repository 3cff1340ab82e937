import { beforeAll, describe, expect, it } from "vitest";

import { deviceOf } from "@/portal/me/device";
import { missing, toInputs } from "@/portal/cases/materials";
import { enrolOpen, left, when } from "@/portal/activities/places";
import { keyFor, freshDraft } from "@/portal/order/draft";
import { readForm } from "@/portal/order/form";
import { stepsOf } from "@/portal/order/steps";
import { askOf, stageOf } from "@/portal/requests/progress";
import type { Activity, Ticket } from "@/portal/shapes";
import { locale } from "@/words";

beforeAll(() => {
  locale.value = "zh";
});

const ticket = (part: Partial<Ticket>): Ticket =>
  ({
    state: "SUBMITTED",
    verbs: [],
    rating: 0,
    create_time: "2026-11-20T01:00:00Z",
    first_response_due_time: "2026-11-20T05:00:00Z",
    resolution_due_time: "2026-11-23T05:00:00Z",
    ...part,
  }) as Ticket;
const now = new Date("2026-11-20T03:00:00Z");

describe("a request", () => {
  it("stands at one of five stages", () => {
    expect(stageOf(ticket({ state: "SUBMITTED" }))).toBe(0);
    expect(stageOf(ticket({ state: "ASSIGNED" }))).toBe(1);
    expect(stageOf(ticket({ state: "WAITING" }))).toBe(2);
    expect(stageOf(ticket({ state: "CLOSED" }))).toBe(4);
  });

  it("asks its requester for one thing at a time", () => {
    expect(askOf(ticket({ state: "WAITING" }))).toBe("answer");
    expect(askOf(ticket({ state: "RESOLVED", verbs: ["confirm", "reopen"] }))).toBe("confirm");
    expect(askOf(ticket({ state: "CLOSED", verbs: ["rate", "reopen"] }))).toBe("rate");
    expect(askOf(ticket({ state: "CLOSED", verbs: ["reopen"], rating: 5 }))).toBeUndefined();
    expect(askOf(ticket({ state: "RESOLVED" }))).toBeUndefined();
  });
});

describe("an order", () => {
  it("asks who it is for only where there is a choice", () => {
    expect(stepsOf([], false).map((one) => one.kind)).toEqual(["say", "check"]);
    const groups = readForm({ properties: { a: { type: "string" } } });
    expect(stepsOf(groups, true).map((one) => one.kind)).toEqual(["who", "group", "say", "check"]);
  });

  it("keeps its key while its content stays, and takes a new one with new content", () => {
    const draft = freshDraft();
    const first = keyFor(draft, { a: 1 });
    expect(keyFor(draft, { a: 1 })).toBe(first);
    expect(keyFor(draft, { a: 2 })).not.toBe(first);
  });
});

describe("materials", () => {
  it("are missing until given or promised on paper", () => {
    const wanted = [{ code: "id", required: true }, { code: "photo" }, { code: "lease", required: true }];
    const supply = { lease: { files: [], onPaper: true } };
    expect(missing(wanted, supply)).toEqual(["id"]);
    expect(toInputs({ ...supply, id: { files: [], onPaper: false } })).toEqual([{ code: "lease", files: [], on_paper: true }]);
  });
});

describe("an activity", () => {
  const activity = {
    state: "PUBLISHED",
    capacity: 10,
    enrolled: 10,
    start_time: "2026-11-21T06:00:00Z",
    end_time: "2026-11-21T08:00:00Z",
    enrol_until_time: "2026-11-20T16:00:00Z",
  } as Activity;

  it("is open until its time, also when it is full", () => {
    expect(left(activity)).toBe(0);
    expect(enrolOpen(activity, now)).toBe(true);
    expect(enrolOpen(activity, new Date("2026-11-20T17:00:00Z"))).toBe(false);
    expect(enrolOpen({ ...activity, state: "CLOSED" }, now)).toBe(false);
  });

  it("says the day once", () => {
    expect(when(activity, now)).toBe("11月21日 周六 14:00–16:00");
  });
});

describe("a device", () => {
  it("is recognised well enough to know the own phone", () => {
    expect(deviceOf("Mozilla/5.0 (iPhone) Mobile Safari/604")).toEqual({ kind: "phone", browser: "Safari" });
    expect(deviceOf("Mozilla/5.0 (Windows NT) Chrome/150 Edg/150")).toEqual({ kind: "computer", browser: "Edge" });
    expect(deviceOf("")).toEqual({ kind: "", browser: "" });
  });
});
