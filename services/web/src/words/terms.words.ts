import { locale, wordOr } from "./index";

/** The words of the contracts' enums, the same on every face. */
export const affairsWord = wordOr(
  { PARTY: "党务", GOVERNMENT: "政务", SOCIAL: "社务", BUSINESS: "商务", LEGAL: "法务" },
  { PARTY: "Party affairs", GOVERNMENT: "Government", SOCIAL: "Social", BUSINESS: "Business", LEGAL: "Legal" },
);

export const stationWord = wordOr(
  { PARTY_MASS: "党群服务站", ENTERPRISE: "企业服务站", WORKERS: "华英驿站", COMMUNITY: "社区联络站" },
  {
    PARTY_MASS: "Party and mass station",
    ENTERPRISE: "Enterprise station",
    WORKERS: "Workers' station",
    COMMUNITY: "Community station",
  },
);

export const tenantKindWord = wordOr(
  {
    BUILDING: "楼宇",
    MULTI_SITE: "多点单位",
    SUPERIOR: "上级党组织",
    SUBDISTRICT: "街道",
    DISTRICT: "区",
    DEPARTMENT: "部门",
    COMMUNITY: "社区",
    HOME_ORGANISATION: "原支部",
  },
  {
    BUILDING: "Building",
    MULTI_SITE: "Multi-site organisation",
    SUPERIOR: "Superior organisation",
    SUBDISTRICT: "Sub-district",
    DISTRICT: "District",
    DEPARTMENT: "Department",
    COMMUNITY: "Community",
    HOME_ORGANISATION: "Home organisation",
  },
);

export const orgKindWord = wordOr(
  {
    PARTY_COMMITTEE: "党委",
    GENERAL_BRANCH: "党总支",
    BRANCH: "党支部",
    GROUP: "楼层党小组",
    UNION: "工会",
    YOUTH_LEAGUE: "团组织",
    WOMEN: "妇联",
  },
  {
    PARTY_COMMITTEE: "Party committee",
    GENERAL_BRANCH: "General branch",
    BRANCH: "Branch",
    GROUP: "Floor group",
    UNION: "Trade union",
    YOUTH_LEAGUE: "Youth league",
    WOMEN: "Women's federation",
  },
);

export const industryWord = wordOr(
  {
    INSURANCE: "保险",
    FINANCE: "金融",
    EDUCATION: "教育",
    ECOMMERCE: "电子商务",
    INTERNET: "互联网",
    CATERING: "餐饮",
    PROFESSIONAL: "专业服务",
    REAL_ESTATE: "房地产",
    TRADE: "商贸",
    MANUFACTURING: "制造",
    CONSTRUCTION: "建筑装饰",
    CULTURE: "文化传媒",
    HEALTH: "医疗健康",
    LOGISTICS: "物流",
    OTHER: "其他",
  },
  {
    INSURANCE: "Insurance",
    FINANCE: "Finance",
    EDUCATION: "Education",
    ECOMMERCE: "E-commerce",
    INTERNET: "Internet",
    CATERING: "Catering",
    PROFESSIONAL: "Professional services",
    REAL_ESTATE: "Real estate",
    TRADE: "Trade",
    MANUFACTURING: "Manufacturing",
    CONSTRUCTION: "Construction",
    CULTURE: "Culture and media",
    HEALTH: "Health",
    LOGISTICS: "Logistics",
    OTHER: "Other",
  },
);

export const headcountWord = wordOr(
  {
    UP_TO_10: "10人及以下",
    HEADCOUNT_BAND_11_TO_50: "11–50人",
    HEADCOUNT_BAND_51_TO_100: "51–100人",
    HEADCOUNT_BAND_101_TO_300: "101–300人",
    OVER_300: "300人以上",
  },
  { UP_TO_10: "Up to 10", HEADCOUNT_BAND_11_TO_50: "11–50", HEADCOUNT_BAND_51_TO_100: "51–100", HEADCOUNT_BAND_101_TO_300: "101–300", OVER_300: "Over 300" },
);

export const supportWord = wordOr(
  { SUPPORTIVE: "支持", NEUTRAL: "观望", RESERVED: "保留" },
  { SUPPORTIVE: "Supportive", NEUTRAL: "No opinion yet", RESERVED: "Reserved" },
);

export const branchWord = wordOr({ OWN: "已建支部", NONE: "未建支部" }, { OWN: "Own branch", NONE: "No branch" });

export const activityKindWord = wordOr(
  { SALON: "行业沙龙", CIRCLE: "圈层协会", FEATURE: "特色活动", ORG_LIFE: "组织生活", EDUCATION: "教育培训" },
  {
    SALON: "Industry salon",
    CIRCLE: "Circle or club",
    FEATURE: "Feature activity",
    ORG_LIFE: "Organisational life",
    EDUCATION: "Education and training",
  },
);

export const hostWord = wordOr(
  {
    PARTY: "党组织",
    UNION: "工会",
    LEAGUE: "团委",
    WOMEN: "妇联",
    COMMUNITY: "社区",
    ENTERPRISE: "企业",
    CLUB: "社团",
  },
  {
    PARTY: "Party organisation",
    UNION: "Trade union",
    LEAGUE: "Youth league",
    WOMEN: "Women's federation",
    COMMUNITY: "Community",
    ENTERPRISE: "Enterprise",
    CLUB: "Club",
  },
);

export const audienceWord = wordOr(
  { MEMBERS: "党员", WORKERS: "职工", ENTERPRISES: "企业" },
  { MEMBERS: "Members", WORKERS: "Workers", ENTERPRISES: "Enterprises" },
);

export const filedForWord = wordOr(
  { PERSON: "个人", ENTERPRISE: "企业" },
  { PERSON: "A person", ENTERPRISE: "An enterprise" },
);

export const urgencyWord = wordOr({ NORMAL: "一般", URGENT: "紧急" }, { NORMAL: "Normal", URGENT: "Urgent" });

export const decisionWord = wordOr({ GRANTED: "准予", DENIED: "不予" }, { GRANTED: "Granted", DENIED: "Denied" });

export const deliveryWord = wordOr(
  { COUNTER: "窗口领取", POST: "邮寄", ELECTRONIC: "电子证照", ONSITE: "上门送达" },
  { COUNTER: "At the counter", POST: "By post", ELECTRONIC: "Electronically", ONSITE: "Brought to the firm" },
);

export const gradeWord = wordOr(
  { VERY_POOR: "非常不满意", POOR: "不满意", FAIR: "基本满意", GOOD: "满意", VERY_GOOD: "非常满意" },
  { VERY_POOR: "Very poor", POOR: "Poor", FAIR: "Fair", GOOD: "Good", VERY_GOOD: "Very good" },
);

export const counterKindWord = wordOr(
  { STANDING: "常设窗口", MOBILE: "流动窗口" },
  { STANDING: "Standing counter", MOBILE: "Mobile counter" },
);

export const weekdayWord = wordOr(
  {
    MONDAY: "周一",
    TUESDAY: "周二",
    WEDNESDAY: "周三",
    THURSDAY: "周四",
    FRIDAY: "周五",
    SATURDAY: "周六",
    SUNDAY: "周日",
  },
  { MONDAY: "Mon", TUESDAY: "Tue", WEDNESDAY: "Wed", THURSDAY: "Thu", FRIDAY: "Fri", SATURDAY: "Sat", SUNDAY: "Sun" },
);

export const hazardClassWord = wordOr(
  {
    WIRING: "用电线路",
    ELECTRICAL: "用电设施设备",
    HYDRANT: "消防栓",
    EXTINGUISHER: "灭火器",
    FOOD: "食品安全",
    OTHER: "其他",
  },
  {
    WIRING: "Electric wiring",
    ELECTRICAL: "Electrical equipment",
    HYDRANT: "Fire hydrants",
    EXTINGUISHER: "Fire extinguishers",
    FOOD: "Food safety",
    OTHER: "Other",
  },
);

export const LISTING_KINDS = ["STALL", "RESOURCE", "OFFER", "VACANCY"] as const;

export const listingKindWord = wordOr(
  { STALL: "档口招商", RESOURCE: "资源共享", OFFER: "企业对接", VACANCY: "勤工俭学" },
  { STALL: "Stall to let", RESOURCE: "Shared resource", OFFER: "Firm's offer", VACANCY: "Work-study post" },
);

export const FIND_KINDS = ["CARD", "KEYS", "ELECTRONICS", "BAG", "CLOTHING", "OTHER"] as const;

export const findKindWord = wordOr(
  { CARD: "证件卡类", KEYS: "钥匙", ELECTRONICS: "电子产品", BAG: "箱包钱物", CLOTHING: "衣物雨具", OTHER: "其他" },
  { CARD: "Card or document", KEYS: "Keys", ELECTRONICS: "Electronics", BAG: "Bag or purse", CLOTHING: "Clothes, umbrella", OTHER: "Other" },
);

export const USE_KINDS = ["HEATING", "HOT_WATER", "CONSULTATION"] as const;

export const useKindWord = wordOr(
  { HEATING: "饭菜加热", HOT_WATER: "免费开水", CONSULTATION: "服务咨询" },
  { HEATING: "Meals heated", HOT_WATER: "Hot water", CONSULTATION: "Advice" },
);

export const unsafeActWord = wordOr(
  {
    EQUIPMENT: "未穿戴防护用品",
    OPERATION: "违章操作",
    ELECTRICITY: "违规用电",
    EXITS: "占堵消防通道",
    SMOKING: "违规吸烟",
    OTHER: "其他",
  },
  {
    EQUIPMENT: "Without protective equipment",
    OPERATION: "Against operating rules",
    ELECTRICITY: "Unsafe use of electricity",
    EXITS: "Ways out blocked",
    SMOKING: "Smoking where forbidden",
    OTHER: "Other",
  },
);

export const incidentKindWord = wordOr({ ACCIDENT: "事故", NEAR_MISS: "未遂事件" }, { ACCIDENT: "Accident", NEAR_MISS: "Near miss" });

export const hazardSourceWord = wordOr({ REPORT: "随手报", INSPECTION: "巡查发现" }, { REPORT: "Reported", INSPECTION: "Found at an inspection" });

export const hazardKindWord = wordOr(
  {
    found: "发现隐患",
    assigned: "指派整改",
    started: "开始整改",
    submitted: "提交验收",
    returned: "退回整改",
    verified: "验收通过，销号",
    escalated: "逾期，已上报上级党组织和街道",
  },
  {
    found: "Found",
    assigned: "Assigned",
    started: "Work began",
    submitted: "Submitted for verification",
    returned: "Returned",
    verified: "Verified and closed",
    escalated: "Overdue: brought before the organisations above",
  },
);

export const cancelCauseWord = wordOr(
  { PARTICIPANT: "本人取消", ACTIVITY: "活动取消", NO_PLACE: "未候补上" },
  { PARTICIPANT: "Given back", ACTIVITY: "Called off", NO_PLACE: "No place became free" },
);

export const pointsKindWord = wordOr(
  { RULE: "规则", MANUAL: "人工记分", PROPOSAL: "提议入账", REVERSAL: "冲正", REDEMPTION: "兑换", REFUND: "退回" },
  { RULE: "Rule", MANUAL: "By hand", PROPOSAL: "Proposal", REVERSAL: "Reversal", REDEMPTION: "Redeemed", REFUND: "Given back" },
);

export const pointsBandWord = wordOr(
  { TAKING_PART: "参与", ACTIVE: "积极", OUTSTANDING: "突出" },
  { TAKING_PART: "Takes part", ACTIVE: "Active", OUTSTANDING: "Outstanding" },
);

export const periodWord = wordOr(
  { DAY: "每天", WEEK: "每周", MONTH: "每月", QUARTER: "每季", YEAR: "每年" },
  { DAY: "a day", WEEK: "a week", MONTH: "a month", QUARTER: "a quarter", YEAR: "a year" },
);

export const rewardKindWord = wordOr(
  { DAILY: "日用品", BOOK: "图书文具", CULTURAL: "文创", FOOD: "食品" },
  { DAILY: "Everyday things", BOOK: "Books and stationery", CULTURAL: "Made for the place", FOOD: "Food and drink" },
);

export const redemptionCauseWord = wordOr(
  { MEMBER: "本人取消", OFFICE: "无法发放，已退回", EXPIRED: "逾期未领，已退回" },
  { MEMBER: "Cancelled by the member", OFFICE: "Could not be handed over", EXPIRED: "Not fetched in time" },
);

/** A resource that carries its name in both languages. */
export function nameOf(one: { name_zh?: string; name_en?: string } | undefined): string {
  if (!one) return "";
  return (locale.value === "zh" || !one.name_en ? one.name_zh : one.name_en) ?? "";
}

export function options(word: (code: string) => string, codes: readonly string[]): { value: string; label: string }[] {
  return codes.map((value) => ({ value, label: word(value) }));
}

export const AFFAIRS = ["PARTY", "GOVERNMENT", "SOCIAL", "BUSINESS", "LEGAL"] as const;
export const STATIONS = ["PARTY_MASS", "ENTERPRISE", "WORKERS", "COMMUNITY"] as const;
export const INDUSTRIES = [
  "INSURANCE",
  "FINANCE",
  "EDUCATION",
  "ECOMMERCE",
  "INTERNET",
  "CATERING",
  "PROFESSIONAL",
  "REAL_ESTATE",
  "TRADE",
  "MANUFACTURING",
  "CONSTRUCTION",
  "CULTURE",
  "HEALTH",
  "LOGISTICS",
  "OTHER",
] as const;
export const HEADCOUNTS = ["UP_TO_10", "HEADCOUNT_BAND_11_TO_50", "HEADCOUNT_BAND_51_TO_100", "HEADCOUNT_BAND_101_TO_300", "OVER_300"] as const;
/** The five classes of every inspection, and what does not fit them. */
export const CHECK_CLASSES = ["WIRING", "ELECTRICAL", "HYDRANT", "EXTINGUISHER", "FOOD"] as const;
export const HAZARD_CLASSES = [...CHECK_CLASSES, "OTHER"] as const;
export const UNSAFE_ACTS = ["EQUIPMENT", "OPERATION", "ELECTRICITY", "EXITS", "SMOKING", "OTHER"] as const;
export const WEEKDAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"] as const;
export const PERIODS = ["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"] as const;
export const ACTIVITY_KINDS = ["SALON", "CIRCLE", "FEATURE", "ORG_LIFE", "EDUCATION"] as const;
export const REWARD_KINDS = ["DAILY", "BOOK", "CULTURAL", "FOOD"] as const;
