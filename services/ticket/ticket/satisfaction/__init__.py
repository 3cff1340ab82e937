"""Satisfaction 满意度: the same questions before and after something was done."""
