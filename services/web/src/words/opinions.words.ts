import { wordOr } from "./index";

/** The words of opinions' enums, the same on every face. */
export const respondentWord = wordOr(
  {
    RESIDENT_UNIT: "驻楼单位",
    COMMISSIONED_UNIT: "委托服务单位",
    CADRE: "干部职工",
    ENTERPRISE: "企业",
    WORKER: "白领员工",
    MEMBER: "党员",
    PUBLIC: "群众",
  },
  {
    RESIDENT_UNIT: "Unit in the building",
    COMMISSIONED_UNIT: "Commissioned service unit",
    CADRE: "Cadres and staff",
    ENTERPRISE: "Enterprise",
    WORKER: "Workers",
    MEMBER: "Party members",
    PUBLIC: "The public",
  },
);

export const themeWord = wordOr(
  {
    CANTEEN: "就餐",
    TRAFFIC: "停车出行",
    PREMISES: "环境设施",
    SAFETY: "安全",
    WORK: "工作待遇",
    GROWTH: "学习成长",
    HEALTH: "身心健康",
    FAMILY: "家庭子女",
    SERVICE: "办事服务",
    ORGANISATION: "组织生活",
    OTHER: "其他",
  },
  {
    CANTEEN: "Meals",
    TRAFFIC: "Parking and traffic",
    PREMISES: "Premises",
    SAFETY: "Safety",
    WORK: "Work and pay",
    GROWTH: "Learning and growth",
    HEALTH: "Health",
    FAMILY: "Family and children",
    SERVICE: "Services and paperwork",
    ORGANISATION: "Life of the organisation",
    OTHER: "Something else",
  },
);

export const sourceWord = wordOr(
  { CAMPAIGN: "意见征集", SESSION: "党代表接待日", DIRECT: "直接提出" },
  { CAMPAIGN: "Campaign", SESSION: "Delegate's reception day", DIRECT: "By itself" },
);

export const campaignKindWord = wordOr(
  { SURVEY: "意见征集", SESSION: "党代表接待日" },
  { SURVEY: "Campaign", SESSION: "Delegate's reception day" },
);

export const waveWord = wordOr({ BEFORE: "前测", AFTER: "后测" }, { BEFORE: "Before", AFTER: "After" });

/** What happened to a suggestion, step by step. */
export const stepWord = wordOr(
  {
    received: "提出",
    assigned: "交办",
    adopted: "采纳",
    explained: "说明",
    linked: "落实到事项",
    replied: "答复",
    withdrawn: "撤回",
  },
  {
    received: "Made",
    assigned: "Given to someone",
    adopted: "Adopted",
    explained: "Explained",
    linked: "Tied to an action",
    replied: "Replied to",
    withdrawn: "Withdrawn",
  },
);

export const suggestionVerbWord = wordOr(
  { assign: "交办", adopt: "采纳", explain: "说明原因", link: "落实到事项", reply: "答复", withdraw: "撤回" },
  {
    assign: "Give to someone",
    adopt: "Adopt",
    explain: "Explain",
    link: "Tie to an action",
    reply: "Reply",
    withdraw: "Withdraw",
  },
);

export const RESPONDENTS = [
  "RESIDENT_UNIT",
  "COMMISSIONED_UNIT",
  "CADRE",
  "ENTERPRISE",
  "WORKER",
  "MEMBER",
  "PUBLIC",
] as const;
export const THEMES = [
  "CANTEEN",
  "TRAFFIC",
  "PREMISES",
  "SAFETY",
  "WORK",
  "GROWTH",
  "HEALTH",
  "FAMILY",
  "SERVICE",
  "ORGANISATION",
  "OTHER",
] as const;
