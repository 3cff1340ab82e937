import { wordOr } from "./index";

/** The words of contacts, the same on every face. */
export const TOPICS = ["VISIT", "SERVICE", "SAFETY", "POLICY", "ACTIVITY", "WORK"] as const;
export const topicWord = wordOr(
  { VISIT: "日常走访", SERVICE: "服务事项", SAFETY: "安全提醒", POLICY: "政策宣传", ACTIVITY: "组织生活和活动", WORK: "工作和技能" },
  { VISIT: "Regular visit", SERVICE: "A service", SAFETY: "Safety", POLICY: "A policy", ACTIVITY: "Activities", WORK: "Work and skills" },
);

export const NEEDS = ["NONE", "WORK", "LIFE", "POLICY", "LEARNING", "OTHER"] as const;
export const needWord = wordOr(
  { NONE: "今日无需求", WORK: "工作", LIFE: "生活", POLICY: "政策和办事", LEARNING: "学习成长", OTHER: "其他" },
  { NONE: "No need today", WORK: "At work", LIFE: "In life", POLICY: "Rules and procedures", LEARNING: "Learning", OTHER: "Other" },
);

export const OBJECTIONS = ["NOT_HAPPENED", "WRONG_TOPIC", "NOT_AGREED"] as const;
export const objectionWord = wordOr(
  { NOT_HAPPENED: "没有发生", WRONG_TOPIC: "主题不对", NOT_AGREED: "没有同意记录需求" },
  { NOT_HAPPENED: "It did not take place", WRONG_TOPIC: "It was about something else", NOT_AGREED: "I did not agree to the need" },
);

export const contactKindWord = wordOr(
  { AREA: "区域联络", CARE: "结对帮扶" },
  { AREA: "Area", CARE: "Care pair" },
);
