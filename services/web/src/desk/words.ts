import { defineWords } from "@/words";

export const say = defineWords(
  {
    face: "政务窗口",
    promise: "材料一次说清，办件一键到手。",
    cases: "办件",
    counters: "窗口",
  },
  {
    face: "Window",
    promise: "Everything to correct said once; the next case one key away.",
    cases: "Cases",
    counters: "Counters",
  },
);
