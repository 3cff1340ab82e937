import { wordOr } from "./index";

/** The words of reporting to the community, the same on every face. */
export const POSTS = ["CARE", "PUBLICITY", "PATROL", "MEDIATION", "ENVIRONMENT"] as const;
export const GROUPS = ["LIVING_ALONE", "IN_NEED", "CHILDREN"] as const;

export const communityPostWord = wordOr(
  { CARE: "助老助困", PUBLICITY: "政策宣传", PATROL: "平安巡逻", MEDIATION: "邻里调解", ENVIRONMENT: "环境维护" },
  { CARE: "Care", PUBLICITY: "Explaining policies", PATROL: "Safety walks", MEDIATION: "Mediation", ENVIRONMENT: "Cleanliness" },
);

export const groupWord = wordOr(
  { LIVING_ALONE: "独居老人", IN_NEED: "困难居民", CHILDREN: "孤残儿童" },
  { LIVING_ALONE: "Old people living alone", IN_NEED: "Residents in need", CHILDREN: "Orphans and disabled children" },
);

export const checkinVerbWord = wordOr(
  { confirm: "确认", return: "退回", end: "结束报到", leave: "退出", take: "认领", decline: "不承接", report: "报送完成情况" },
  { confirm: "Confirm", return: "Return", end: "End", leave: "Leave", take: "Take it up", decline: "Not us", report: "Report as done" },
);
