import type { AppraisalItem, ReviewBasis } from "@/api/contracts";

import { locale, wordOr } from "./index";

/** The words of the appraisal and the democratic review, the same on every face. */
export const CHANNELS = ["MONTHLY", "ROUTINE", "ON_SITE", "DOCUMENTS"] as const;
export const channelWord = wordOr(
  { MONTHLY: "月度考核", ROUTINE: "平时督查", ON_SITE: "实地查看", DOCUMENTS: "查阅资料" },
  { MONTHLY: "Monthly assessment", ROUTINE: "Routine supervision", ON_SITE: "On the spot", DOCUMENTS: "Documents" },
);

/** Several ways of looking, as a list in a sentence. */
export const channelsSaid = (ways: readonly string[] | undefined): string =>
  (ways ?? []).map((way) => channelWord(way)).join(locale.value === "en" ? ", " : "、");

export const monthWord = wordOr(
  { TO_COME: "未到", DUE: "待考核", ASSESSED: "已考核", LATE: "补录", MISSING: "缺考核", NOT_DUE: "不按月" },
  { TO_COME: "To come", DUE: "Due", ASSESSED: "Assessed", LATE: "Late", MISSING: "Missing", NOT_DUE: "Not by month" },
);

export const OUTCOMES = ["MET", "NOT_MET", "NOT_ASSESSABLE"] as const;
export const outcomeWord = wordOr(
  { MET: "达标", NOT_MET: "未达标", NOT_ASSESSABLE: "无法评定" },
  { MET: "Met", NOT_MET: "Not met", NOT_ASSESSABLE: "Not assessable" },
);

export const appraisalVerbWord = wordOr(
  { record: "记录考核", show: "告知本人", end: "终止", accept: "认可结果", appeal: "提出申诉", answer: "答复申诉" },
  { record: "Record", show: "Show the member", end: "End", accept: "Accept", appeal: "Appeal", answer: "Answer" },
);

export const GRADES = ["EXCELLENT", "QUALIFIED", "BARELY_QUALIFIED", "UNQUALIFIED"] as const;
export const gradeWord = wordOr(
  { EXCELLENT: "优秀", QUALIFIED: "合格", BARELY_QUALIFIED: "基本合格", UNQUALIFIED: "不合格" },
  { EXCELLENT: "Excellent", QUALIFIED: "Qualified", BARELY_QUALIFIED: "Barely qualified", UNQUALIFIED: "Unqualified" },
);

export const TALLIES = ["PEERS", "POLL"] as const;
export const basisWord = wordOr(
  { SELF: "自评", PEERS: "互评", POLL: "民主测评", APPRAISAL: "责任区考核", HONOUR: "荣誉" },
  { SELF: "Own rating", PEERS: "Ballots of peers", POLL: "Poll", APPRAISAL: "Zone appraisal", HONOUR: "Honour" },
);

export const reviewVerbWord = wordOr(
  { rate: "自评", tally: "录入票数", decide: "评定等次" },
  { rate: "Rate myself", tally: "Record ballots", decide: "Decide the grade" },
);

export const titleOf = (item: AppraisalItem | undefined): string =>
  (locale.value === "en" ? item?.title_en : item?.title_zh) ?? item?.code ?? "";

/** ★★★☆☆ for three of five. */
export const starLine = (count: number): string => "★".repeat(count) + "☆".repeat(5 - count);

/** The most serious of what became of several targets in one month is what the month shows. */
const RANK = ["MISSING", "DUE", "LATE", "ASSESSED", "TO_COME", "NOT_DUE"] as const;
export const worstOf = (states: readonly (string | undefined)[]): string => RANK.find((one) => states.includes(one)) ?? "NOT_DUE";

/** A basis as one line: 互评 5/3/0/0, 责任区考核 ★★★☆☆. */
export function basisSaid(basis: ReviewBasis): string {
  const tally = basis.tally;
  const counts = tally ? [tally.excellent, tally.qualified, tally.barely_qualified, tally.unqualified].map((count) => String(count ?? 0)).join("/") : "";
  const stars = basis.kind === "APPRAISAL" || basis.stars ? starLine(basis.stars ?? 0) : "";
  return [basisWord(basis.kind), gradeWord(basis.grade), counts, basis.reference, stars].filter(Boolean).join(" ");
}
