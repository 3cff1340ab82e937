import { locale, wordOr } from "./index";

/** The words of developing members, the same on every face. */
export const stageWord = wordOr(
  {
    APPLICATION: "申请入党",
    ACTIVIST: "积极分子的确定和培养教育",
    TARGET: "发展对象的确定和考察",
    ADMISSION: "预备党员的接收",
    PROBATION: "预备党员的教育考察和转正",
  },
  {
    APPLICATION: "Applying",
    ACTIVIST: "Choosing and training activists",
    TARGET: "Choosing and reviewing candidates",
    ADMISSION: "Admission on probation",
    PROBATION: "Probation and full membership",
  },
);

export const STAGES = ["APPLICATION", "ACTIVIST", "TARGET", "ADMISSION", "PROBATION"] as const;

export const standingWord = wordOr(
  { APPLICANT: "入党申请人", ACTIVIST: "入党积极分子", TARGET: "发展对象", PROBATIONARY: "预备党员", FULL: "正式党员" },
  {
    APPLICANT: "Applicant",
    ACTIVIST: "Activist",
    TARGET: "Candidate for development",
    PROBATIONARY: "Probationary member",
    FULL: "Full member",
  },
);

export const stepSideWord = wordOr(
  { APPLICANT: "本人", BRANCH: "党支部", SUPERIOR: "上级党组织" },
  { APPLICANT: "the applicant", BRANCH: "the branch", SUPERIOR: "the superior" },
);

export const STEP_SIDES = ["APPLICANT", "BRANCH", "SUPERIOR"] as const;

export const reviewOutcomeWord = wordOr(
  { PROGRESSING: "按期推进", MORE_TRAINING: "需继续培养" },
  { PROGRESSING: "Goes on well", MORE_TRAINING: "More training needed" },
);

export const developmentEndingWord = wordOr(
  {
    NOT_READY: "条件尚不成熟",
    NOT_PASSED: "支部大会未通过",
    REFUSED: "上级未批准",
    CANCELLED: "取消预备党员资格",
    LEFT: "离开本单位",
    MISTAKE: "登记有误",
  },
  {
    NOT_READY: "Not ready yet",
    NOT_PASSED: "Not passed by the branch's meeting",
    REFUSED: "Not approved by the superior",
    CANCELLED: "Probation cancelled",
    LEFT: "Left the unit",
    MISTAKE: "Recorded by mistake",
  },
);

export const developmentVerbWord = wordOr(
  {
    confirm: "是我递交的，确认",
    deny: "不是我",
    withdraw: "撤回申请",
    submit: "确认办完这一步",
    complete: "办理这一步",
    review: "登记考察",
    mentors: "变更培养联系人",
    extend: "延长预备期",
    end: "终止",
    approve: "办理上级的一步",
    reject: "不予批准",
  },
  {
    confirm: "Yes, it is mine",
    deny: "It is not mine",
    withdraw: "Take it back",
    submit: "I have done this step",
    complete: "Do this step",
    review: "Record a review",
    mentors: "Name other mentors",
    extend: "Extend the probation",
    end: "End",
    approve: "Do the superior's step",
    reject: "Do not approve",
  },
);

/** A step's name in the reader's language. */
export const titleOfStep = (step: { title_zh?: string; title_en?: string } | undefined): string =>
  (locale.value === "zh" ? step?.title_zh : step?.title_en) ?? "";
