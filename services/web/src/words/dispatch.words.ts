import { wordOr } from "./index";

/** The words of dispatch, the same on every face. */
export const dispatchVerbWord = wordOr(
  {
    end: "结束联建",
    start: "出发",
    cancel: "取消",
    recall: "全部返回",
    handover: "交接",
    acknowledge: "确认接班",
    return: "退回交接",
    finish: "办结",
  },
  {
    end: "End the link",
    start: "Begin",
    cancel: "Cancel",
    recall: "Recall",
    handover: "Hand over",
    acknowledge: "Acknowledge",
    return: "Return",
    finish: "Done",
  },
);
