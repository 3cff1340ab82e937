import { wordOr } from "./index";

/** The words of obligations, the same on every face. */
export const SCOPES = ["BUILDING", "BRANCH", "SECRETARY", "GROUP", "AREA", "SITE", "TEAM"] as const;
export const scopeWord = wordOr(
  { BUILDING: "本单位", BRANCH: "每个党支部", SECRETARY: "支部书记", GROUP: "每个楼层党小组", AREA: "每个联络区域", SITE: "每个场所", TEAM: "每个班组" },
  { BUILDING: "The building", BRANCH: "Each branch", SECRETARY: "The branch secretary", GROUP: "Each floor group", AREA: "Each liaison area", SITE: "Each site", TEAM: "Each work team" },
);

export const PERIODS = ["DAY", "WORKDAY", "WEEK", "MONTH", "QUARTER", "HALF_YEAR", "YEAR"] as const;
export const periodWord = wordOr(
  { DAY: "每天", WORKDAY: "每个工作日", WEEK: "每周", MONTH: "每月", QUARTER: "每季度", HALF_YEAR: "每半年", YEAR: "每年" },
  { DAY: "Every day", WORKDAY: "Every workday", WEEK: "Every week", MONTH: "Every month", QUARTER: "Every quarter", HALF_YEAR: "Every half-year", YEAR: "Every year" },
);

export const EVIDENCE = ["CONTACT", "ACTIVITY", "LECTURE", "INSPECTION", "REPORT", "SUPERVISION", "ATTESTED"] as const;
export const evidenceWord = wordOr(
  { CONTACT: "联络记录", ACTIVITY: "已举办、有人参加的活动", LECTURE: "书记讲的党课", INSPECTION: "现场检查", REPORT: "获得认可的汇报", SUPERVISION: "上级督导", ATTESTED: "自行填报" },
  { CONTACT: "A contact", ACTIVITY: "An activity that was held", LECTURE: "A lesson by the secretary", INSPECTION: "An inspection", REPORT: "A report that was accepted", SUPERVISION: "A supervision", ATTESTED: "One's own word" },
);

export const levelWord = wordOr(
  { RESPONSIBLE: "已提醒责任人", GROUP: "已提醒组长", SECRETARY: "已提醒书记", SUPERIOR: "已报上级" },
  { RESPONSIBLE: "Responsible person told", GROUP: "Leader told", SECRETARY: "Secretary told", SUPERIOR: "Before the superior" },
);

export const designedWord = wordOr(
  { scope: "对象", period: "周期", evidence: "完成依据", due_days: "期限", grace_days: "补报期" },
  { scope: "who is bound", period: "the period", evidence: "the evidence", due_days: "the due day", grace_days: "the days of grace" },
);
