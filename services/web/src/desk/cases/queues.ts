import { say } from "./words";

export interface Queue {
  key: string;
  states: readonly string[];
  word: () => string;
  callback?: boolean;
}

/** The day's work in the order in which it is done. */
export const QUEUES: readonly Queue[] = [
  { key: "accept", states: ["SUBMITTED"], word: () => say("toAccept") },
  { key: "work", states: ["ACCEPTED", "PROCESSING"], word: () => say("inWork") },
  { key: "deliver", states: ["DECIDED"], word: () => say("toDeliver") },
  { key: "correct", states: ["NEEDS_CORRECTION"], word: () => say("correcting") },
  { key: "callback", states: ["RATED"], word: () => say("callbacks"), callback: true },
  { key: "ended", states: ["DELIVERED", "RATED", "REFUSED", "WITHDRAWN"], word: () => say("ended") },
];
