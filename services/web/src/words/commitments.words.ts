import { wordOr } from "./index";

/** The words of commitments, the same on every face. */
export const COMMITMENT_KINDS = ["TIME", "VENUE", "FUNDS", "STAFF", "OTHER"] as const;
export const commitmentKindWord = wordOr(
  { TIME: "支持时间", VENUE: "提供场地", FUNDS: "经费支持", STAFF: "配备人员", OTHER: "其他支持" },
  { TIME: "Working time", VENUE: "A place", FUNDS: "Money", STAFF: "Somebody for it", OTHER: "Other support" },
);
