"""Opinions 意见建议: what people suggest, until its author has the reply."""
