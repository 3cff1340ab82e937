import { wordOr } from "./index";

/** The words of honours, the same on every face. */
export const honourKindWord = wordOr(
  {
    PIONEER_POST: "党员先锋岗",
    MODEL_POST: "先锋示范岗",
    MODEL_MEMBER: "党员模范",
    STAR_MEMBER: "星级党员",
    MERCHANT_POST: "商户示范岗",
    MODEL_MERCHANT: "模范商户",
  },
  {
    PIONEER_POST: "Pioneer post",
    MODEL_POST: "Model post",
    MODEL_MEMBER: "Model member",
    STAR_MEMBER: "Member with stars",
    MERCHANT_POST: "Merchant's model post",
    MODEL_MERCHANT: "Model merchant",
  },
);

export const HONOUR_KINDS = ["PIONEER_POST", "MODEL_POST", "MODEL_MEMBER", "STAR_MEMBER", "MERCHANT_POST", "MODEL_MERCHANT"] as const;

export const honourEndingWord = wordOr(
  { TERM_OVER: "任期已满", LEFT: "离开本单位", POST_CLOSED: "岗位调整", STEPPED_DOWN: "本人退出" },
  { TERM_OVER: "Term over", LEFT: "Left", POST_CLOSED: "Post given up", STEPPED_DOWN: "Stepped down" },
);

export const honourVerbWord = wordOr(
  {
    approve: "批准",
    reject: "不予批准",
    withdraw: "撤回提名",
    consent: "同意公示",
    decline: "不同意",
    step_down: "退出",
    end: "结束",
    revoke: "撤销",
    plaque: "打印牌子",
  },
  {
    approve: "Approve",
    reject: "Turn down",
    withdraw: "Withdraw",
    consent: "Consent",
    decline: "Decline",
    step_down: "Step down",
    end: "End",
    revoke: "Revoke",
    plaque: "Print",
  },
);

/** ★★★ for three. */
export const starsOf = (count: number | undefined): string => "★".repeat(count ?? 0);
