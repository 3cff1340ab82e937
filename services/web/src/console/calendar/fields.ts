import type { Activity } from "@/api/contracts";
import { toLocal, type FieldSpec, type FormModel } from "@/staff/forms";
import {
  ACTIVITY_KINDS,
  activityKindWord,
  AFFAIRS,
  affairsWord,
  audienceWord,
  hostWord,
  options,
  stationWord,
  STATIONS,
} from "@/words/terms.words";

import { say } from "./words";

const HOSTS = ["PARTY", "UNION", "LEAGUE", "WOMEN", "COMMUNITY", "ENTERPRISE", "CLUB"] as const;
const AUDIENCES = ["MEMBERS", "WORKERS", "ENTERPRISES"] as const;

const words = (): FieldSpec[] => [
  { name: "title", label: say("name"), required: true, min: 2, max: 80 },
  { name: "summary", label: say("summary"), kind: "lines", max: 2000 },
  { name: "brand", label: say("brand"), max: 40, half: true },
  { name: "business_link", label: say("link"), max: 200, half: true },
];

const place = (): FieldSpec[] => [
  { name: "floor", label: say("floor"), max: 10, half: true },
  { name: "place", label: say("place"), max: 80, half: true },
  { name: "start_time", label: say("start"), kind: "moment", required: true, half: true },
  { name: "end_time", label: say("end"), kind: "moment", required: true, half: true },
];

const room = (): FieldSpec[] => [
  { name: "capacity", label: say("capacity"), kind: "number", required: true, min: 1, max: 10000, half: true },
  { name: "enrol_until_time", label: say("until"), hint: say("untilHint"), kind: "moment", half: true },
];

export function draftFields(): FieldSpec[] {
  return [
    ...words().slice(0, 1),
    { name: "kind", label: say("kind"), kind: "choice", required: true, options: options(activityKindWord, ACTIVITY_KINDS), half: true },
    { name: "affairs", label: say("affairs"), kind: "choice", required: true, options: options(affairsWord, AFFAIRS), half: true },
    ...place(),
    ...room(),
    { name: "station", label: say("station"), kind: "choice", options: options(stationWord, STATIONS), half: true },
    ...words().slice(1),
    { name: "hosts", label: say("hosts"), kind: "choices", options: options(hostWord, HOSTS) },
    { name: "audience", label: say("audience"), kind: "choices", options: options(audienceWord, AUDIENCES) },
  ];
}

export function changeFields(activity: Activity): FieldSpec[] {
  return [...words(), ...(activity.state === "DRAFT" ? place() : []), ...room()];
}

export function formOf(activity: Activity): FormModel {
  return {
    ...activity,
    start_time: toLocal(activity.start_time),
    end_time: toLocal(activity.end_time),
    enrol_until_time: toLocal(activity.enrol_until_time),
  };
}
