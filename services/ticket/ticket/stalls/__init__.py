"""Stalls 档口 in difficulty: assessed, helped by a plan, and assessed again by somebody else."""
